export function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms)
}
