import { describe, expect, test } from 'vitest'
import { answers, come, leave } from '../hazards/support/crowd.ts'
import { onStage } from '../support/on-stage.ts'
import { RawAgent } from '../support/raw-agent.ts'
import type { Stage } from '../support/stage.ts'

const CROWD = 5_000
const LIMIT_MS = 1_000
/** By a stopwatch, on a busy machine that plays the crowd too: the best of a few. */
const TRIES = 8

/** How long a good agent takes from the dial to its welcome, while the crowd is there. */
async function welcomedIn(stage: Stage): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let at = 0; at < TRIES; at++) {
    const from = performance.now()
    const agent = await RawAgent.open(stage, { name: `good-${at}` })
    least = Math.min(least, performance.now() - from)
    await agent.end.close()
  }
  return Math.round(least)
}

/** What each of them shows, and the status that none of them may see. */
const CROWDS: [who: string, options: (stage: Stage) => { token?: string; network?: string }, never?: number][] = [
  // Whoever is let in counts for his address: there the good one would be one too many.
  ['with a good credential and without a hello', ({ adminToken }) => ({ token: adminToken, network: '127.1' })],
  ['with wrong credentials', () => ({ token: 'drl_wrong' }), 101],
  ['that ask for nothing', () => ({}), 101],
]

describe.each(CROWDS)(`case 12: ${CROWD} connections %s`, { timeout: 600_000 }, (who, options, never) => {
  test.each([1, 50])('from %i addresses: most are turned away, and a good agent is welcomed in a second', (addresses) =>
    onStage(async (stage) => {
      const { port } = await stage.serve('--max-connections-per-address', '1000')
      await stage.agentToken()
      const { token, network } = { network: '127.0', ...options(stage) }
      const crowd = come(port, CROWD, { addresses, token, network })
      const tookMs = await welcomedIn(stage)
      // Who asks for nothing may never learn that nobody took his call: the queue of the system itself was full.
      const counts: Record<number, number> = token === undefined ? {} : await answers(crowd)
      leave(crowd)
      console.log(`${CROWD} ${who}, from ${addresses}: ${JSON.stringify(counts)}; a good one in ${tookMs} ms`)
      expect(tookMs).toBeLessThan(LIMIT_MS)
      if (never !== undefined) expect(counts[never]).toBeUndefined()
      expect(counts[101] ?? 0).toBeLessThan(CROWD / 2)
    }),
  )
})
