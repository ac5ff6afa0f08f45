import { useEffect, useMemo } from 'preact/hooks'
import { type Known, OneWorkflow } from '../../model/one-workflow.ts'
import { useTitle } from '../../parts/use-title.ts'
import { usePlace } from '../../shell/place.ts'
import { Attempts } from './attempts.tsx'
import { Facts } from './facts.tsx'
import { Head } from './head.tsx'
import { Reasons } from './reasons.tsx'
import { Receipts } from './receipts.tsx'
import { Run } from './run.tsx'

export function WorkflowPage({ id }: { id: string }) {
  // Nothing of one workflow may be seen on the page of another.
  return <Watched key={id} id={id} />
}

function Watched({ id }: { id: string }) {
  const { bus } = usePlace()
  const one = useMemo(() => new OneWorkflow(bus, id), [bus, id])
  useEffect(() => () => one.close(), [one])
  const known = one.known.value
  const workflow = 'workflow' in known ? known.workflow : null
  useTitle(workflow === null ? id : `${workflow.name} ${workflow.state}`)
  if (workflow === null) return <Nothing id={id} known={known} />
  const { state, cancel, error } = workflow
  const waits = state === 'pending' || state === 'waiting'
  return (
    <>
      <Head workflow={workflow} here={known.state === 'here'} />
      <Broken known={known} />
      {error !== null && <pre class="flow-error note note-bad">{error}</pre>}
      <Facts workflow={workflow} />
      {waits && <Reasons workflow={workflow} />}
      {cancel !== null && <Receipts workflow={workflow} cancel={cancel} />}
      <Attempts workflow={workflow} />
      <Run workflow={workflow} />
    </>
  )
}

function Nothing({ id, known }: { id: string; known: Known }) {
  if (known.state === 'asking') return <p class="empty">Asking the server for {id} …</p>
  return (
    <section class="empty">
      <h1>No workflow of this id</h1>
      <p>
        <code>{id}</code>
      </p>
      {known.state === 'broken' ? (
        <p>The server does not tell: {known.why}. Load the page anew.</p>
      ) : (
        <p>The server does not have it, or has deleted it: what has ended is kept as long as `serve --keep` says.</p>
      )}
      <a class="button" href="#/workflows">
        All workflows
      </a>
    </section>
  )
}

function Broken({ known }: { known: Known }) {
  if (known.state === 'removed')
    return (
      <p class="note note-bad" role="alert">
        The server has deleted this workflow: its time (`serve --keep`) was over. This is the last that was told; its
        logs are gone.
      </p>
    )
  if (known.state !== 'broken') return null
  return (
    <p class="note note-bad" role="alert">
      What changes is no longer told: {known.why}. Load the page anew.
    </p>
  )
}
