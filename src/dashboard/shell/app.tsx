import type { Link } from '../../client/index.ts'
import type { Session } from '../model/session.ts'
import { Inside } from './inside.tsx'
import { LoginPage } from './login-page.tsx'

export function App({ session }: { session: Session }) {
  const login = session.login.value
  if (login.state === 'looking') return <Looking link={login.link.value} />
  if (login.state === 'out') return <LoginPage session={session} why={login.why} />
  return <Inside session={session} {...login} />
}

function Looking({ link }: { link: Link }) {
  if (link.state !== 'offline') return <p class="looking">Asking the server …</p>
  return (
    <div class="looking" role="status">
      <p>
        The server answers, but its bus cannot be reached: {link.reason}. Trying again. If this stays so, something
        between here and the server may not let WebSockets pass: <code>drumline doctor</code> names it.
      </p>
    </div>
  )
}
