const UNITS = [
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
] as const

/** `90 s`, `5 min`, `1500 ms`: the largest unit that divides it. */
export function duration(ms: number): string {
  const unit = UNITS.find(([size]) => ms >= size && ms % size === 0)
  return unit === undefined ? `${ms} ms` : `${ms / unit[0]} ${unit[1]}`
}
