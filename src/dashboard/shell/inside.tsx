import { useEffect, useMemo } from 'preact/hooks'
import type { Me } from '../../client/index.ts'
import type { Bus } from '../model/bus.ts'
import type { Live } from '../model/live.ts'
import { route } from '../model/route.ts'
import { type Session, seesAll } from '../model/session.ts'
import { Agents } from '../pages/agents/agents.tsx'
import { Overview } from '../pages/overview/overview.tsx'
import { Submit } from '../pages/submit/submit.tsx'
import { WorkflowPage } from '../pages/workflow/workflow.tsx'
import { Workflows } from '../pages/workflows/workflows.tsx'
import { Notes } from '../parts/notes.tsx'
import { Account } from './account.tsx'
import { Keys } from './keys.tsx'
import { LinkMark } from './link-mark.tsx'
import { Nav } from './nav.tsx'
import { PlaceContext } from './place.ts'

interface InsideProps {
  readonly session: Session
  readonly me: Me
  readonly bus: Bus
  readonly live: Live
}

/** The page of somebody who is logged in. */
export function Inside({ session, me, bus, live }: InsideProps) {
  const place = useMemo(
    () => ({ me, bus, live, operates: me.role !== 'viewer', seesAll: seesAll(me) }),
    [me, bus, live],
  )
  useEffect(() => {
    const wake = () => {
      if (!document.hidden) bus.retryNow()
    }
    addEventListener('online', wake)
    document.addEventListener('visibilitychange', wake)
    return () => {
      removeEventListener('online', wake)
      document.removeEventListener('visibilitychange', wake)
    }
  }, [bus])
  return (
    <PlaceContext.Provider value={place}>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        To the content
      </button>
      <header class="top">
        <a class="brand" href="#/">
          <img src={ICON} alt="" width="24" height="24" />
          Drumline
        </a>
        <Nav />
        <div class="top-end">
          <LinkMark bus={bus} returned={live.returned} />
          <Account session={session} me={me} />
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {live.broken.value !== '' && (
          <p class="note note-bad" role="alert">
            The server no longer tells what changes: {live.broken.value}. Load the page anew.
          </p>
        )}
        <Current />
      </main>
      <Keys />
      <Notes />
    </PlaceContext.Provider>
  )
}

const ICON = new URL('../icon.svg', import.meta.url).href

function Current() {
  const { page, id } = route.value
  // An agent is opened in place.
  useEffect(() => scrollTo(0, 0), [page, page === 'agents' ? '' : id])
  switch (page) {
    case 'overview':
      return <Overview />
    case 'workflows':
      return id === '' ? <Workflows /> : <WorkflowPage key={id} id={id} />
    case 'agents':
      return <Agents />
    case 'submit':
      return <Submit />
    default:
      return (
        <section class="empty">
          <h1>Nothing is here</h1>
          <p>
            There is no page of this name. <a href="#/">To the overview</a>
          </p>
        </section>
      )
  }
}
