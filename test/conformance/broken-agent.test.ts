import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { localBackend, runAgent } from '../../src/agent/index.ts'
import { AGENT_RULES, tryAgent, type Verdict } from '../../src/conformance/index.ts'
import { about, Liar, type Lie, type Passing } from './liar.ts'

/** Our own agent, seen through somebody who falsifies one thing, or who hides or twists what the server says. */

const raised = (field: string) => (frame: Passing) => ({ ...frame, [field]: Number(frame[field]) + 1 })
const request = (method: string, change: (params: Record<string, unknown>) => Record<string, unknown>) =>
  about('request', (frame) =>
    frame.method === method ? { ...frame, params: change(frame.params as Record<string, unknown>) } : frame,
  )
const error = (change: (body: Record<string, unknown>) => Record<string, unknown>) =>
  about('error', (frame) => ({ ...frame, error: change(frame.error as Record<string, unknown>) }))
const kept = (frame: Passing) => ({
  ...frame,
  claims: (frame.claims as Record<string, unknown>[]).map((claim) => ({ ...claim, verdict: 'keep' })),
})

const FAULTS: [rule: keyof typeof AGENT_RULES, what: string, lie: Lie][] = [
  ['boots', 'dials anew as if for the first time', { up: about('hello', (frame) => ({ ...frame, dial: 1 })) }],
  ['frames', 'adds a key of its own', { up: about('request', (frame) => ({ ...frame, surprise: 1 })) }],
  [
    'ids',
    'counts from 2',
    {
      up: about('request', raised('id')),
      down: about('response', (frame) => ({ ...frame, id: Number(frame.id) - 1 })),
    },
  ],
  [
    'next',
    'claims more room than it asks for',
    { up: about('hello', (frame) => ({ ...frame, agent: { ...(frame.agent as object), capacity: 2 } })) },
  ],
  ['updates', 'counts from 2', { up: request('update', (params) => ({ ...params, seq: Number(params.seq) + 1 })) }],
  ['done', 'forgets a step', { up: request('done', (params) => ({ ...params, steps: [] })) }],
  ['lines', 'counts from 2', { up: about('log', raised('from')) }],
  [
    'credit',
    'sends ten times what it may',
    { down: about('credit', (frame) => ({ ...frame, limit: 10 * Number(frame.limit) })) },
  ],
  ['rewind', 'goes on whatever is asked', { down: about('stored', ({ rewind: _, ...frame }) => frame) }],
  ['extend', 'does not', { up: () => (frame) => (frame.method === 'extend' ? [] : [frame]) }],
  [
    'receipts',
    'receipts only what has stopped',
    { up: about('receipt', (frame) => (frame.phase === 'received' ? undefined : frame)) },
  ],
  [
    'canceled',
    'says nothing of it',
    { up: request('done', (params) => ({ ...params, state: { ...(params.state as object), canceled: false } })) },
  ],
  [
    'unknownLease',
    'does not answer',
    { up: about('receipt', (frame) => (String(frame.lease).startsWith('L-') ? undefined : frame)) },
  ],
  ['revoke', 'works on', { down: about('revoke', () => undefined) }],
  ['claims', 'claims nothing', { up: about('hello', (frame) => ({ ...frame, claims: [] })) }],
  [
    'doneOnce',
    'says it until it is told so',
    {
      down: error((body) =>
        body.code === 'already_done' ? { ...body, code: 'unavailable', retry: 'later', retryAfterMs: 100 } : body,
      ),
    },
  ],
  ['lost', 'works on', { down: about('welcome', kept) }],
  ['later', 'is too soon', { down: error((body) => ({ ...body, retryAfterMs: 1 })) }],
  ['bye', 'comes when it likes', { down: about('bye', (frame) => ({ ...frame, afterMs: 1 })) }],
  ['retryCodes', 'stays away', { close: (code) => (code === 4417 ? 4500 : code) }],
  ['stopCodes', 'comes back', { close: (code) => (code === 4617 ? 4000 : code) }],
]

/** One trial: the agent runs in this process, behind the liar. */
async function trial(rule: keyof typeof AGENT_RULES, lie: Lie): Promise<Verdict | undefined> {
  const root = await mkdtemp(join(tmpdir(), 'drumline-conformance-'))
  const cleanups: (() => Promise<unknown>)[] = [() => rm(root, { recursive: true, force: true })]
  const start = async ({ url, token }: { url: string; token: string }): Promise<void> => {
    const liar = await Liar.before(url, lie)
    const run = localBackend({ baseEnv: { PATH: process.env.PATH }, root })
    const agent = runAgent({ url: liar.url, token, run, agent: { name: rule } })
    agent.finished.catch(() => {})
    cleanups.unshift(
      () => agent.stop().catch(() => {}),
      () => liar.close(),
    )
  }
  try {
    const only = [AGENT_RULES[rule].id]
    const onReady = (where: { url: string; token: string }) => void start(where)
    const [verdict] = await tryAgent({ host: '127.0.0.1', port: 0, only, patienceMs: 120_000, onReady })
    return verdict
  } finally {
    for (const clean of cleanups) await clean()
  }
}

describe('an agent is told what it does wrong', () => {
  const verdicts = new Map<string, Verdict | undefined>()

  // All at once: most of a trial is waiting for what does not come.
  beforeAll(async () => {
    await Promise.all(FAULTS.map(async ([rule, , lie]) => verdicts.set(rule, await trial(rule, lie))))
  }, 600_000)

  test.each(FAULTS)('%s: it %s', (rule) => {
    expect(verdicts.get(rule)).toMatchObject({ verdict: 'fail', expected: expect.any(String) })
  })
})
