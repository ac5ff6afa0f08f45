import { AGENT_RULES, type AgentRule } from '../rules.ts'
import type { Verdict } from '../verdict.ts'
import { Deviation } from '../verdict.ts'
import { Desk } from './desk.ts'
import { Abandoned, Judge } from './judge.ts'
import { accepting, cut, doneVerdict, lostAnswer } from './scenes-cut.ts'
import { bye, fence, retryCode, silence, stopCode } from './scenes-end.ts'
import { logsVerdict, lost, revoke, staleAnswer, unknownLease } from './scenes-order.ts'
import { arrival, flood, later, life, longLine } from './scenes-work.ts'
import { Stage } from './stage.ts'

interface Scene {
  readonly play: (stage: Stage) => Promise<void>
  /** What it is played for; the rules that always hold are judged in every scene. */
  readonly rules: readonly AgentRule[]
}

/** One after the other: an agent has one connection, and may have room for one workflow. The last ends it. */
const SCENES: readonly Scene[] = [
  { play: arrival, rules: ['dial', 'hello', 'frames', 'ids', 'pong', 'next'] },
  { play: life, rules: ['accept', 'init', 'updates', 'done', 'lines'] },
  { play: longLine, rules: ['pieces'] },
  { play: flood, rules: ['credit', 'rewind'] },
  { play: unknownLease, rules: ['unknownLease'] },
  {
    play: cut,
    rules: ['again', 'boots', 'claims', 'unanswered', 'kept', 'receipts', 'canceled', 'stopping', 'prompt'],
  },
  { play: revoke, rules: ['revoke'] },
  { play: later, rules: ['later'] },
  { play: lostAnswer, rules: ['doneOnce', 'claims', 'unanswered', 'kept'] },
  { play: doneVerdict, rules: ['doneOnce', 'kept'] },
  { play: accepting, rules: ['claims', 'unanswered'] },
  { play: logsVerdict, rules: ['onlyLines'] },
  { play: lost, rules: ['lost'] },
  { play: staleAnswer, rules: ['stale'] },
  { play: fence, rules: ['extend', 'fence'] },
  { play: bye, rules: ['bye'] },
  { play: silence, rules: ['silence'] },
  { play: retryCode, rules: ['retryCodes'] },
  { play: stopCode, rules: ['stopCodes'] },
]

/** How to try an agent. */
export interface AgentTrial {
  /** Where to listen; port 0 is any that is free. */
  readonly host: string
  readonly port: number
  /** Only these rules; missing: all. */
  readonly only?: readonly string[]
  /** Told once the port is open: what the agent is to be started with. */
  readonly onReady: (where: { url: string; token: string }) => void
  /** Told of each scene that begins: its number, of how many, and what it is for. */
  readonly onScene?: (at: number, of: number, rules: readonly string[]) => void
  /** How long to wait for the agent to come, in milliseconds. */
  readonly patienceMs: number
}

/** Nobody has come. */
export class NoAgent extends Error {
  override readonly name = 'NoAgent'
}

/**
 * Plays a server to an agent, which has to be started by somebody else. Rejects with `NoAgent` when nobody comes, or with
 * what the port says.
 */
export async function tryAgent({
  host,
  port,
  only = [],
  onReady,
  onScene,
  patienceMs,
}: AgentTrial): Promise<Verdict[]> {
  const judge = new Judge()
  const desk = await Desk.open(judge, host, port)
  try {
    onReady({ url: desk.house.url, token: desk.house.token })
    await desk.waiting
      .until('an agent', () => desk.visits.some(({ hello }) => hello !== undefined), patienceMs)
      .catch(() => {
        throw new NoAgent(`no agent has come to ${desk.house.url} within ${Math.round(patienceMs / 1000)} s`)
      })
    await playAll(new Stage(desk), wanted(only), onScene)
  } finally {
    await desk.close()
  }
  return (Object.keys(AGENT_RULES) as AgentRule[])
    .filter((name) => only.length === 0 || only.includes(AGENT_RULES[name].id))
    .map((name) => judge.verdict(name, 'the agent never came so far'))
}

function wanted(only: readonly string[]): readonly Scene[] {
  if (only.length === 0) return SCENES
  return SCENES.filter(({ rules }) => rules.some((name) => only.includes(AGENT_RULES[name].id)))
}

async function playAll(stage: Stage, scenes: readonly Scene[], onScene: AgentTrial['onScene']): Promise<void> {
  for (const [at, { play, rules }] of scenes.entries()) {
    const ids = rules.map((name) => AGENT_RULES[name].id)
    onScene?.(at + 1, scenes.length, ids)
    try {
      await play(stage)
    } catch (error) {
      // What is wrong with the agent is noted already, or keeps the scene from its rules.
      if (!(error instanceof Abandoned || error instanceof Deviation)) throw error
      if (error instanceof Deviation) stage.judge.miss(rules, error)
    }
    if (at + 1 < scenes.length) await stage.reset()
  }
}
