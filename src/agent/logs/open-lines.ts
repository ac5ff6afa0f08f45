import type { LogKind, LogRun } from '../../protocol/index.ts'
import { LOGS } from '../../protocol/index.ts'
import type { MemoryPart } from './part.ts'

/** Lines that were written and not yet made a frame. */
export class OpenLines {
  #texts: string[] = []
  #bytes = 0
  #lines = 0
  #runs: LogRun[] = []

  get empty(): boolean {
    return this.#lines === 0
  }

  get lines(): number {
    return this.#lines
  }

  /** Lines that still fit beside those already here, were they empty. 0 also when no run fits. */
  room(kind: LogKind, ms: number): { lines: number; bytes: number } {
    const lines = this.#runs.length < LOGS.frameRuns || this.#joins(kind, ms) ? LOGS.frameLines - this.#lines : 0
    return { lines, bytes: LOGS.frameBytes - this.#bytes }
  }

  /** Adds whole lines that fit. */
  add(text: string, lines: number, bytes: number, kind: LogKind, ms: number): void {
    this.#texts.push(text)
    this.#bytes += bytes
    this.#lines += lines
    const last = this.#runs.at(-1)
    if (last !== undefined && this.#joins(kind, ms)) last[0] += lines
    else this.#runs.push([lines, ms, kind])
  }

  /** Everything as one part; it stays. */
  look(from: number): MemoryPart {
    const text = this.#texts.join('')
    return { at: 'memory', from, count: this.#lines, bytes: this.#bytes, text, runs: [...this.#runs] }
  }

  /** Takes everything as one part. */
  take(from: number): MemoryPart {
    const part = this.look(from)
    this.#texts = []
    this.#bytes = 0
    this.#lines = 0
    this.#runs = []
    return part
  }

  #joins(kind: LogKind, ms: number): boolean {
    const last = this.#runs.at(-1)
    return last !== undefined && last[2] === kind && last[1] === ms
  }
}
