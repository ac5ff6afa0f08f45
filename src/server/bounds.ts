/** Why somebody is turned away at the door, as it is counted; docs/operations.md explains each. */
export const REFUSALS = [
  'malformed',
  'path',
  'origin',
  'past',
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

/**
 * What costs its sender nothing, and a good one sends little of; `refused` is a request that was answered with an error. More
 * of it than that is a flood.
 */
export const FLOOD_KINDS = ['ping', 'pong', 'abort', 'receipt', 'gap', 'refused'] as const
export type FloodKind = (typeof FLOOD_KINDS)[number]
