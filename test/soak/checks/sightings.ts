import type { WorkflowStateName, WorkflowView } from '../../../src/protocol/index.ts'
import type { AttemptLog, Violation } from '../evidence.ts'
import { ENDED } from './outcome.ts'

/** What a watcher may see of a workflow at a time. */
export type Sight = Pick<WorkflowView, 'name' | 'version' | 'state' | 'attempt'> & {
  steps?: readonly { id: string; lines: number }[]
}

interface Seen {
  version: number
  state: WorkflowStateName
  attempt: number
  /** Most lines on disk, by `attempt step`. */
  lines: Map<string, number>
}

/** What was once told stays true: versions and attempts only rise, an end is for good, stored lines stay. */
export class Sightings {
  readonly violations: Violation[] = []
  readonly #seen = new Map<string, Seen>()

  see(sight: Sight): void {
    const { name, version, state, attempt, steps = [] } = sight
    const before = this.#seen.get(name)
    if (before !== undefined) this.#compare(before, sight)
    const now = before ?? { version, state, attempt, lines: new Map<string, number>() }
    this.#seen.set(name, Object.assign(now, { version, state, attempt }))
    // Between two attempts a workflow shows the steps of none.
    const shown = state === 'running' || ENDED.includes(state) ? steps : []
    for (const { id, lines } of shown) {
      const key = `${attempt} ${id}`
      const most = now.lines.get(key) ?? 0
      if (lines < most) this.#add('stored lines gone', sight, `${id} had ${most} lines, now ${lines}`)
      now.lines.set(key, Math.max(most, lines))
    }
  }

  /** The whole log as it is in the end. */
  compareLog(name: string, logs: readonly AttemptLog[]): void {
    for (const [key, most] of this.#seen.get(name)?.lines ?? []) {
      const [attempt = '', step = ''] = key.split(' ')
      const log = logs.find(({ number }) => number === Number(attempt))
      const parts = log?.parts.filter(({ stepId }) => stepId === step) ?? []
      const last = parts.reduce((end, { to }) => Math.max(end, to), 0)
      if (last < most)
        this.#add('stored lines gone', { name, attempt: Number(attempt) }, `${step} had ${most} lines, now ${last}`)
    }
  }

  #compare(before: Seen, sight: Sight): void {
    const { version, state, attempt } = sight
    if (version < before.version) this.#add('version fell', sight, `${before.version}, then ${version}`)
    if (attempt < before.attempt) this.#add('attempt fell', sight, `${before.attempt}, then ${attempt}`)
    if (ENDED.includes(before.state) && state !== before.state)
      this.#add('an end that was none', sight, `${before.state}, then ${state}`)
    if (version === before.version && state !== before.state)
      this.#add('two states of one version', sight, `version ${version}: ${before.state} and ${state}`)
  }

  #add(rule: string, { name, attempt }: Pick<Sight, 'name' | 'attempt'>, evidence: string): void {
    this.violations.push({ rule, workflow: name, attempt, evidence })
  }
}
