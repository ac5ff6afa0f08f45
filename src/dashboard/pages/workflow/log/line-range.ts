import type { Range } from './blocks.ts'

/** Lines that an address names: `12`, or `12-40`. Undefined for anything else. */
export function lineRangeOf(text: string | null): Range | undefined {
  const [, first, second] = /^([1-9]\d{0,14})(?:-([1-9]\d{0,14}))?$/.exec(text ?? '') ?? []
  if (first === undefined) return undefined
  const ends = [Number(first), Number(second ?? first)] as const
  return { from: Math.min(...ends), to: Math.max(...ends) }
}

export function lineRangeText({ from, to }: Range): string {
  return from === to ? String(from) : `${from}-${to}`
}
