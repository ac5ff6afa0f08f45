import { signal } from '@preact/signals'
import type { StepView, WorkflowView } from '../../protocol/index.ts'
import type { Bus } from './bus.ts'

/** So many answers are held. */
const HELD = 200

/** Why workflows did not succeed, in a line. Of those that only say that a step failed the steps are read, one by one. */
export class Whys {
  readonly #bus: Pick<Bus, 'call'>
  readonly #known = signal<ReadonlyMap<string, string>>(new Map())
  /** Somebody looks at them. */
  readonly #wanted = new Map<string, WorkflowView>()
  #busy = false

  constructor(bus: Pick<Bus, 'call'>) {
    this.#bus = bus
  }

  /** Empty while it is not known. */
  of(workflow: WorkflowView): string {
    const { state, error, cancel } = workflow
    if (error !== null) return error
    if (state === 'canceled') return cancel?.reason ?? ''
    return this.#known.value.get(keyOf(workflow)) ?? ''
  }

  /** Reads what is needed to tell, until the function that it gives is called. */
  ask(workflow: WorkflowView): (() => void) | undefined {
    const { state, error } = workflow
    const key = keyOf(workflow)
    if (state !== 'failure' || error !== null || this.#known.peek().has(key)) return undefined
    this.#wanted.set(key, workflow)
    void this.#readAll()
    return () => this.#wanted.delete(key)
  }

  async #readAll(): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      const { key, id } = next
      // What cannot be read is told on the workflow's own page.
      const detail = await this.#bus.call('get', { id }).catch(() => undefined)
      if (detail === undefined) continue
      const known = new Map([...this.#known.value, [key, whyOf(detail.steps)] as const].slice(-HELD))
      this.#known.value = known
    }
    this.#busy = false
  }

  #take(): { key: string; id: string } | undefined {
    const [first] = this.#wanted
    if (first === undefined) return undefined
    const [key, { id }] = first
    this.#wanted.delete(key)
    return { key, id }
  }
}

function keyOf({ id, version }: WorkflowView): string {
  return `${id} ${version}`
}

/** The step that failed first. */
function whyOf(steps: readonly Pick<StepView, 'name' | 'state' | 'exitCode' | 'error' | 'finished'>[]): string {
  const failed = steps.filter(({ state }) => state === 'failure')
  const [first] = failed.sort((a, b) => (a.finished?.getTime() ?? 0) - (b.finished?.getTime() ?? 0))
  if (first === undefined) return ''
  const { name, exitCode, error } = first
  if (error !== null && error !== '') return `${name}: ${error}`
  return exitCode === null ? `${name} failed` : `${name} exited with ${exitCode}`
}
