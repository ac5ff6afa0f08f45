import { describe, expect, test } from 'vitest'
import { KINDS, type Kind } from '../soak/options.ts'
import { type Patch, patchedCopy } from '../soak/patched.ts'
import { soak } from '../soak/soak.ts'
import { Stage } from '../support/stage.ts'

/** Seconds: a third of what happens to the network outlasts it. */
const SHORT = 3

/** The rules that a soak of a broken program finds broken. */
async function found(
  patches: readonly Patch[],
  kinds: readonly Kind[],
  minutes: number,
  lease = SHORT,
): Promise<Set<string>> {
  const { root, remove } = patchedCopy(patches)
  try {
    const { signal } = new AbortController()
    const { violations } = await soak({
      agents: 3,
      lease,
      minutes,
      kinds,
      seed: 1,
      stop: signal,
      stage: new Stage(root),
    })
    return new Set(violations.map(({ rule }) => rule))
  } finally {
    remove()
  }
}

describe('a soak', { timeout: 900_000 }, () => {
  test.each([11, 12])('of three minutes with all faults finds nothing (seed %i)', async (seed) => {
    const { signal } = new AbortController()
    const outcome = await soak({ agents: 3, lease: 8, minutes: 3, kinds: KINDS, seed, stop: signal })
    expect(outcome.violations).toEqual([])
    expect(outcome.submitted).toBeGreaterThan(30)
  })

  test('finds two attempts at a time where neither agents nor their guardians stop before the lease ends', async () => {
    const fence = 'agent/fence.ts'
    const careless: Patch[] = [
      [fence, 'stopAfterMs: ttlMs', 'stopAfterMs: 1e9 + ttlMs'],
      [fence, 'lastMs: ttlMs', 'lastMs: 1e9 + ttlMs'],
    ]
    expect(await found(careless, ['network'], 2)).toContain('two attempts at a time')
  })

  test('finds two attempts at a time where the server does not heed what agents claim', async () => {
    const claims = 'server/store/sqlite/claims.ts'
    const deaf: Patch[] = [
      [claims, 'new Map(shake.claims.map((claim) => [claim.lease, claim]))', 'new Map()'],
      [claims, 'const verdict = verdicts.get(claim.lease) ?? forgottenOne(tx, shake, claim)', "const verdict = 'keep'"],
    ]
    // Long leases: it takes a while until an `extend` tells them.
    expect(await found(deaf, ['network'], 2, 12)).toContain('two attempts at a time')
  })

  test('finds lines twice where the server stores again what it has', async () => {
    const rules = await found(
      [
        ['server/store/sqlite/claims.ts', 'upto: step.upto }', 'upto: 0 }'],
        ['server/store/sqlite/append-log.ts', 'if (to <= upto)', 'if (to < 0)'],
        ['server/store/sqlite/append-log.ts', 'insert(tx, trim(append, upto)', 'insert(tx, append'],
      ],
      ['network'],
      1,
    )
    expect(rules).toContain('position twice')
  })
})
