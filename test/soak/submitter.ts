import type { Client } from '../../src/client/node.ts'
import type { Random } from '../support/random.ts'
import type { Subject } from './evidence.ts'
import type { Pace } from './pace.ts'
import { planSubmission, type Submission, type Where } from './plan.ts'

interface Settings {
  client: Client
  pace: Pace
  random: Random
  where: Where
  /** Workflows that have not ended yet. */
  open: () => number
  /** So many are enough. */
  most: number
  submitted: (subject: Subject) => void
}

/** Submits workflows as long as there is time, and cancels some of them. */
export class Submitter {
  readonly #settings: Settings
  readonly #cancels: Promise<void>[] = []

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Resolves when everything was acknowledged, cancels too. */
  async run(): Promise<void> {
    const { pace, random, where, open, most } = this.#settings
    for (let number = 1; pace.left > 0; number++) {
      await pace.until(() => open() < most, Number.POSITIVE_INFINITY)
      await this.#submit(planSubmission(random, where, number))
      await pace.pass(random.between(0, 400))
    }
    await Promise.all(this.#cancels)
  }

  async #submit(plans: Submission[]): Promise<void> {
    const { client, submitted } = this.#settings
    const { workflows } = await client.call('submit', { workflows: plans.map(({ spec }) => spec), secrets: {} })
    for (const plan of plans) {
      const id = workflows.find(({ name }) => name === plan.name)?.id
      if (id === undefined) throw new Error(`submit named no ${plan.name}`)
      const subject: Subject = { plan, id, canceled: false }
      submitted(subject)
      if (plan.cancelAfterMs !== undefined) this.#cancels.push(this.#cancel(subject, plan.cancelAfterMs))
    }
  }

  async #cancel(subject: Subject, afterMs: number): Promise<void> {
    await this.#settings.pace.pass(afterMs)
    const { workflows } = await this.#settings.client.call('cancel', { ids: [subject.id], reason: 'by chance' })
    subject.canceled = workflows[0]?.already === false
  }
}
