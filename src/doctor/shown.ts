const SECOND = 1_000
export const KiB = 1_024

/** `40 ms`, `1.4 s`. */
export function shown(ms: number): string {
  return ms < SECOND ? `${Math.round(ms)} ms` : `${Number((ms / SECOND).toFixed(1))} s`
}

/** `16 KiB`. */
export function size(bytes: number): string {
  return bytes < KiB ? `${bytes} bytes` : `${Math.round(bytes / KiB)} KiB`
}
