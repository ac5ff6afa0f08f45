import type { Client, Subscription } from '../../client/node.ts'
import { BusError, CANCEL_REASON } from '../../protocol/index.ts'
import { showReceipts } from '../format.ts'
import type { Order } from './keys.ts'

type Given = Exclude<Order, { kind: 'leave' }>

const CHANGES = {
  pause: { begun: 'asking the server to pause the queue', done: 'the server has paused the queue; what runs goes on' },
  resume: { begun: 'asking the server to resume the queue', done: 'the server has resumed the queue' },
}

/** Asks the server for what was ordered last, and tells what came of it. */
export class Orders {
  readonly #client: Client
  readonly #changed: () => void
  #latest: Given | undefined
  #note: string | undefined
  #settled = true
  #receipts: Subscription | undefined

  constructor(client: Client, changed: () => void) {
    this.#client = client
    this.#changed = changed
  }

  /** How the latest stands: nothing is done before the server said so. May hold what users named. */
  get note(): string | undefined {
    return this.#note
  }

  /** What is over need not be told for ever. */
  tidy(): void {
    if (this.#settled) this.#note = undefined
  }

  /** Never rejects: a refusal is told too. */
  async give(order: Given): Promise<void> {
    this.#receipts?.close()
    this.#receipts = undefined
    this.#latest = order
    try {
      if (order.kind === 'cancel') await this.#cancel(order)
      else {
        this.#say(order, CHANGES[order.kind].begun, false)
        await this.#client.call(`queue.${order.kind}`, {})
        this.#say(order, CHANGES[order.kind].done)
      }
    } catch (error) {
      this.#say(order, refusalOf(error))
    }
  }

  async #cancel(order: Given & { kind: 'cancel' }): Promise<void> {
    const { id, name, reason = CANCEL_REASON } = order
    this.#say(order, `asking the server to cancel ${name}`, false)
    const { workflows } = await this.#client.call('cancel', { ids: [id], reason })
    const [workflow] = workflows
    if (workflow?.state == null) this.#say(order, `the server knows no ${name} any more`)
    else if (workflow.already) this.#say(order, `${name} had ended before: ${workflow.state}`)
    else await this.#follow(order)
  }

  /** Until another order, or the end: once all has stopped there is little to hear. */
  async #follow(order: Given & { kind: 'cancel' }): Promise<void> {
    const { id, name } = order
    this.#say(order, `cancel of ${name} is kept by the server`, false)
    const receipts = await this.#client.subscribe(`workflow/${id}`, {
      onData: (data) => {
        if (data.kind !== 'workflow' || data.workflow.cancel === null) return
        const { cancel } = data.workflow
        this.#say(order, `cancel of ${name}: ${showReceipts(cancel).join('; ')}`, cancel.stopped !== null)
      },
    })
    if (this.#latest === order) this.#receipts = receipts
    else receipts.close()
  }

  #say(order: Given, note: string, settled = true): void {
    if (this.#latest !== order) return
    this.#note = note
    this.#settled = settled
    this.#changed()
  }
}

/** A refusal says itself whose credential it takes. */
function refusalOf(error: unknown): string {
  return error instanceof BusError ? error.message : String(error)
}
