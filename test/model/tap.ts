import { type Frame, utf8Length } from '../../src/protocol/index.ts'
import { costOf } from '../../src/server/logs/credit.ts'
import type { Side } from './wire.ts'

/** Holds what passes over one connection against the rules that both ends have to keep. */
export class Tap {
  readonly #fault: (what: string) => void
  /** Requests that the server has got and not answered, by their ids. */
  readonly #open = new Map<number, string>()
  readonly #answered = new Set<number>()
  readonly #methods = new Map<number, string>()
  #credit = 0
  #granted = 0
  #spent = 0

  constructor(fault: (what: string) => void) {
    this.#fault = fault
  }

  /** What was asked by this id. */
  methodOf(id: number): string | undefined {
    return this.#methods.get(id)
  }

  /** Methods of what was asked and has no answer. */
  get unanswered(): string[] {
    return [...this.#open.values()]
  }

  sent(from: Side, frame: Frame): void {
    if (from === 'server') this.#serverSent(frame)
    else if (frame.type === 'log') this.#spend(frame.text, frame.runs)
  }

  arrived(at: Side, frame: Frame): void {
    if (at === 'server' && frame.type === 'request') {
      this.#open.set(frame.id, frame.method)
      this.#methods.set(frame.id, frame.method)
    }
    if (at === 'client' && (frame.type === 'credit' || frame.type === 'welcome')) {
      this.#credit = Math.max(this.#credit, frame.type === 'credit' ? frame.limit : frame.credit)
    }
  }

  #serverSent(frame: Frame): void {
    if (frame.type === 'response' || frame.type === 'error') {
      if (this.#answered.has(frame.id)) this.#fault(`request ${frame.id} was answered twice`)
      if (!this.#open.delete(frame.id)) this.#fault(`an answer to ${frame.id}, which was not asked`)
      this.#answered.add(frame.id)
    }
    if (frame.type !== 'credit') return
    if (frame.limit < this.#granted) this.#fault(`the credit was lowered from ${this.#granted} to ${frame.limit}`)
    this.#granted = frame.limit
  }

  #spend(text: string, runs: readonly (readonly [number, number, string])[]): void {
    this.#spent += costOf(
      utf8Length(text),
      runs.reduce((lines, [count]) => lines + count, 0),
    )
    if (this.#spent > this.#credit) this.#fault(`${this.#spent} bytes were sent with a credit of ${this.#credit}`)
  }
}
