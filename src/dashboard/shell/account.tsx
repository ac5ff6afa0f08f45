import type { Me } from '../../client/index.ts'
import type { Session } from '../model/session.ts'
import { Act } from '../parts/act.tsx'

export function Account({ session, me }: { session: Session; me: Me }) {
  const labels = Object.entries(me.labels).map(([name, value]) => `${name}=${value}`)
  return (
    <div class="account">
      <span class="account-who" title={labels.length === 0 ? 'sees everything' : `sees only ${labels.join(', ')}`}>
        {me.name || me.id} <span class="quiet">{me.role}</span>
      </span>
      <Act plain onAct={() => session.logOut()}>
        Log out
      </Act>
    </div>
  )
}
