import type { Level, Rule } from './rules.ts'

/** What came of one rule. */
export interface Verdict {
  readonly id: string
  readonly level: Level
  readonly text: string
  readonly verdict: 'pass' | 'fail' | 'skipped'
  /** What was seen, or why nothing could be. */
  readonly seen: string
  /** Of a failed rule: what should have been. */
  readonly expected?: string
}

/** An end did something else than it should. */
export class Deviation extends Error {
  override readonly name = 'Deviation'
  readonly expected: string
  readonly seen: string

  constructor(expected: string, seen: string) {
    super(`expected ${expected}; seen: ${seen}`)
    this.expected = expected
    this.seen = seen
  }
}

/** Throws a `Deviation` unless it holds. */
export function expects(holds: boolean, expected: string, seen: () => unknown): asserts holds {
  if (!holds) throw new Deviation(expected, shown(seen()))
}

/** A value in few words, for people. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  return text.length <= 300 ? text : `${text.slice(0, 299)}…`
}

export function passed({ id, level, text }: Rule, seen: string): Verdict {
  return { id, level, text, verdict: 'pass', seen }
}

export function skipped({ id, level, text }: Rule, why: string): Verdict {
  return { id, level, text, verdict: 'skipped', seen: why }
}

/** What an error says of a rule: a `Deviation` in its own words, anything else as it is. */
export function failed({ id, level, text }: Rule, error: unknown): Verdict {
  const known = error instanceof Deviation ? error : new Deviation('no error', shown(String(error)))
  return { id, level, text, verdict: 'fail', seen: known.seen, expected: known.expected }
}
