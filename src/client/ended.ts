import { BusError, type FeedData, type WorkflowDetail, type WorkflowStateName } from '../protocol/index.ts'
import type { Client, Listener } from './client.ts'

/** States in which a workflow does nothing more. */
export const ENDED: ReadonlySet<WorkflowStateName> = new Set(['success', 'failure', 'canceled', 'skipped', 'error'])

/** How long somebody waits for the end of a workflow. */
export interface UntilEndedOptions {
  /** Ends the waiting and nothing else: it then rejects with `BusError('canceled')`. Default: it waits however long. */
  signal?: AbortSignal
}

/**
 * Waits for a workflow to end and answers its last state, whatever the outcome: read `state` and `steps`. Rejects with
 * `BusError`: `not_found` for a workflow that the server does not have or has removed, `unavailable` once the client is closed.
 */
export async function untilEnded(
  client: Client,
  id: string,
  { signal }: UntilEndedOptions = {},
): Promise<WorkflowDetail> {
  const end = new EndListener(id)
  const giveUp = () => end.onEnd(new BusError('canceled', `nobody waits for ${id} any more`))
  signal?.addEventListener('abort', giveUp, { once: true })
  if (signal?.aborted) giveUp()
  const subscribing = client.subscribe(`workflow/${id}`, end)
  subscribing.catch(end.onEnd)
  try {
    return await end.reached
  } finally {
    signal?.removeEventListener('abort', giveUp)
    // Also one that comes into being only now. A rejection has been told already.
    subscribing.then(
      (subscription) => subscription.close(),
      () => {},
    )
  }
}

class EndListener implements Listener {
  readonly reached: Promise<WorkflowDetail>
  readonly #id: string
  #resolve: (workflow: WorkflowDetail) => void = () => {}
  onEnd: (error: Error) => void = () => {}

  constructor(id: string) {
    this.#id = id
    this.reached = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.onEnd = reject
    })
  }

  onData(data: FeedData): void {
    if (data.kind === 'removed') this.onEnd(new BusError('not_found', `workflow ${this.#id} was removed`))
    if (data.kind !== 'workflow') return
    const { workflow } = data
    if ('steps' in workflow && ENDED.has(workflow.state)) this.#resolve(workflow)
  }
}
