import { isScalar } from 'yaml'
import { type Read, short, text } from './read.ts'

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000 }

interface Bounds {
  readonly least: number
  readonly most: number
  /** Milliseconds of a bare number's unit; without it a bare number is an error. */
  readonly bare?: number
}

/** `90s`, `10m`, `2h` in milliseconds. */
export function duration({ least, most, bare }: Bounds): Read<number> {
  const plain = text()
  return (node, scope, what) => {
    const written = plain(node, scope, what)
    if (written === undefined) return undefined
    const [, digits = '', unit = ''] = /^(\d{1,9})([smh]?)$/.exec(written.trim()) ?? []
    const factor = unit === '' ? bare : UNITS[unit]
    if (digits === '') {
      return scope.fail(
        node,
        `${what} must be a duration such as \`90s\`, \`10m\` or \`2h\`, not \`${short(written)}\``,
      )
    }
    if (factor === undefined) {
      return scope.fail(node, `${what} needs a unit: write \`${digits}s\`, \`${digits}m\` or \`${digits}h\``)
    }
    const ms = Number(digits) * factor
    if (ms >= least && ms <= most) return ms
    return scope.fail(
      isScalar(node) ? node : null,
      `${what} must be from ${show(least)} to ${show(most)}, not \`${short(written)}\``,
    )
  }
}

/** A duration as a user would write it. */
export function show(ms: number): string {
  for (const [unit, factor] of Object.entries(UNITS).reverse()) {
    if (ms >= factor && ms % factor === 0) return `${ms / factor}${unit}`
  }
  return `${ms / 1000}s`
}
