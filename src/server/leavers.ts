import { CLOSE } from '../protocol/index.ts'
import type { Ends } from './ends.ts'
import type { Owed } from './owed.ts'
import type { SessionStore } from './store/store.ts'

interface LeaversOptions {
  store: Pick<SessionStore, 'agentHolds'>
  ends: Ends
  owed: Owed
}

/**
 * Agents that an operator drained while they were here: each is sent off once it has finished, so that its process ends.
 * One that comes only later, still drained and with nothing to finish, stays and is given nothing: whoever has it started
 * again each time it ends would otherwise see it come and go for as long as it is drained.
 */
export class Leavers {
  readonly #options: LeaversOptions
  readonly #ids = new Set<string>()

  constructor(options: LeaversOptions) {
    this.#options = options
  }

  /** Drained, or not any more. */
  set(agentId: string, drained: boolean): void {
    if (drained) this.#ids.add(agentId)
    else this.#ids.delete(agentId)
  }

  /** Sends off whoever has finished. Called with every sweep; costs nothing while nobody leaves. */
  look(): void {
    for (const id of this.#ids) this.#options.owed.add('sending a drained agent off', this.#lookAt(id))
  }

  async #lookAt(id: string): Promise<void> {
    const { store, ends } = this.#options
    if (ends.of(id) === undefined || (await store.agentHolds(id))) return
    // Meanwhile it may have been told to stay.
    if (this.#ids.delete(id)) ends.of(id)?.dismiss(CLOSE.normal, 'drained: it has finished')
  }
}
