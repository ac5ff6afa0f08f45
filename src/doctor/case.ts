import type { ForwardProxy } from '../socket/index.ts'
import type { Answer } from './ask.ts'
import type { Patient } from './patient.ts'
import { Visit } from './visit.ts'

/** An examination under way: what the checks have found out for those after them. */
export class Case {
  readonly patient: Patient
  proxy: ForwardProxy | undefined
  /** To the request for an upgrade. */
  answer: Answer | undefined
  /** Somebody on the way answered that in Drumline's place, which a plain request reaches. */
  intruder: Answer | undefined
  /** The server's clock less ours, and the time there and back, in ms. */
  clock: { aheadMs: number; tripMs: number } | undefined
  /** On which nothing is said. */
  quiet: Visit | undefined
  #visit: Visit | undefined

  constructor(patient: Patient) {
    this.patient = patient
  }

  /** A connection to ask over; a new one where the last was lost. */
  async visit(): Promise<Visit> {
    if (this.#visit === undefined || this.#visit.ended !== undefined) this.#visit = await Visit.open(this.patient)
    return this.#visit
  }

  /** Nothing of it is left. */
  close(): void {
    this.#visit?.close()
    this.quiet?.close()
  }
}
