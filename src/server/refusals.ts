/** Why somebody is turned away at the door, as it is counted; docs/operations.md explains each. */
export const REFUSALS = [
  'malformed',
  'path',
  'origin',
  'credential',
  'guesses',
  'address',
  'holder',
  'capacity',
  'unheard',
  'line',
  'silent',
  'unavailable',
  'rate',
] as const
export type RefusalReason = (typeof REFUSALS)[number]
