import { RedialClient } from '../../src/client/redial.ts'
import { watched } from '../../src/client/socket-dial.ts'
import { type Clock, workflowSpec } from '../../src/protocol/index.ts'
import type { SocketPort } from '../../src/socket/index.ts'

/** A workflow as the operator knows it: by its name until its id is acknowledged. */
export interface Subject {
  readonly name: string
  id: string | undefined
  /** Acknowledged, and no requeue was asked for since. */
  canceled: boolean
  /** Requeues that were asked for, and those of them without an answer: after one an end is not the end any more. */
  requeues: number
  requeuing: number
}

/** An operator whose calls outlive every connection. */
export class Desk {
  readonly subjects: Subject[] = []
  readonly #client: RedialClient
  readonly #fault: (what: string) => void
  /** Calls that have no answer. */
  waiting = 0

  constructor(clock: Clock, dial: () => SocketPort, fault: (what: string) => void) {
    const forever = { giveUpMs: Number.POSITIVE_INFINITY, outageMs: Number.POSITIVE_INFINITY }
    this.#client = new RedialClient({ clock, dial: async () => watched(dial(), clock), ...forever })
    this.#client.ready().catch(() => {})
    this.#fault = fault
  }

  submit(dependsOn: Subject | undefined): void {
    const parent = dependsOn?.id
    const subject: Subject = {
      name: `w${this.subjects.length}`,
      id: undefined,
      canceled: false,
      requeues: 0,
      requeuing: 0,
    }
    const steps = [{ name: 'work' }]
    const waitsFor = parent === undefined ? {} : { dependsOn: [parent] }
    const workflow = workflowSpec({ name: subject.name, steps, maxAttempts: 100, ...waitsFor })
    this.subjects.push(subject)
    this.#ask('submit', async () => {
      const { workflows } = await this.#client.call('submit', { workflows: [workflow], secrets: {} })
      subject.id = workflows[0]?.id
    })
  }

  cancel(subject: Subject): void {
    const { id, requeues, requeuing } = subject
    if (id === undefined) return
    this.#ask('cancel', async () => {
      const { workflows } = await this.#client.call('cancel', { ids: [id], reason: 'by chance' })
      // Two that are under way at once may be taken in either order.
      const isLatest = requeuing === 0 && subject.requeues === requeues
      if (workflows[0]?.already === false && isLatest) subject.canceled = true
    })
  }

  requeue(subject: Subject): void {
    const { id } = subject
    if (id === undefined) return
    subject.requeues += 1
    subject.requeuing += 1
    subject.canceled = false
    this.#ask('requeue', async () => {
      await this.#client.call('requeue', { id })
      subject.requeuing -= 1
    })
  }

  close(): void {
    this.#client.close()
  }

  #ask(what: string, call: () => Promise<void>): void {
    this.waiting += 1
    call()
      .catch((error: unknown) => this.#fault(`${what} was refused: ${error}`))
      .finally(() => {
        this.waiting -= 1
      })
  }
}
