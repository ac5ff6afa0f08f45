import type { Session } from '../model/session.ts'
import { Inside } from './inside.tsx'
import { LoginPage } from './login-page.tsx'

export function App({ session }: { session: Session }) {
  const login = session.login.value
  if (login.state === 'looking') return <p class="looking">Asking the server who you are …</p>
  if (login.state === 'out') return <LoginPage session={session} why={login.why} />
  return <Inside session={session} {...login} />
}
