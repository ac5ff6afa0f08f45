import { render } from 'preact'
import { Session } from './model/session.ts'
import { App } from './shell/app.tsx'

const place = document.getElementById('app')
if (place === null) throw new Error('index.html has no place for the page')
const session = new Session()
render(<App session={session} />, place)
void session.start()
