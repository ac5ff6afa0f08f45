import { BusError, METHODS, type MethodName, type ParamsOf, type ResultOf } from '../../protocol/index.ts'
import type { Core } from '../core.ts'
import { dispatch } from '../dispatch.ts'
import type { Seat } from '../seat.ts'
import type { Credential } from '../store/store.ts'

/** Calls the handlers in this process's own name, with the checks a frame would meet. */
export class LocalCaller {
  readonly seat: Seat
  readonly #core: Core
  readonly #credential: Credential
  #closed: Error | undefined

  constructor(core: Core, credential: Credential, seat: Seat) {
    this.#core = core
    this.#credential = credential
    this.seat = seat
  }

  get closed(): boolean {
    return this.#closed !== undefined
  }

  /** From here on every call rejects with this. */
  close(error: Error): void {
    this.#closed ??= error
  }

  assertOpen(): void {
    if (this.#closed !== undefined) throw this.#closed
  }

  async call<M extends MethodName>(method: M, params: ParamsOf<M>, signal = NEVER): Promise<ResultOf<M>> {
    this.assertOpen()
    const parsed = METHODS[method].params.safeParse(params)
    if (!parsed.success) throw new BusError('bad_request', `params of ${method}: ${parsed.error.issues[0]?.message}`)
    this.#core.dispatcher.spoke(this.seat.by.agentId)
    const context = {
      core: this.#core,
      credential: this.#credential,
      address: '',
      fromPage: false,
      seat: this.seat,
      subscriptions: null,
      call: { key: undefined, signal },
    }
    return (await dispatch(context, method, parsed.data)) as ResultOf<M>
  }

  /** Says how far a cancel or revoke has got. One for a lease that is gone is no error. */
  receipt(lease: string, revision: number, phase: 'received' | 'stopped'): void {
    const { intents, owed, store } = this.#core
    intents.receipted(lease, revision, phase)
    const noted = store.receipt(this.seat.by, lease, revision, phase).catch((error: unknown) => {
      if (!isCode(error, 'stale_lease')) throw error
    })
    owed.add('noting a receipt', noted)
  }
}

const NEVER = new AbortController().signal

export function isCode(error: unknown, code: string): boolean {
  return error instanceof BusError && error.code === code
}
