/** Marks every answer as Drumline's own: an agent tells its server's refusal from a proxy's by it. */
export const MARK = { drumline: '1' } as const

/** On every answer. A page of ours says more precisely what it may load; to all others nothing of ours is of use. */
export const ALWAYS = {
  ...MARK,
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const
