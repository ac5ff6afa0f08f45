import { expect } from 'vitest'
import type { AgentView } from '../../src/protocol/index.ts'
import { busiestSecond, Herd } from './herd.ts'
import { onStage } from './on-stage.ts'
import type { Stage } from './stage.ts'
import { waitUntil } from './wait-until.ts'

interface Return {
  agents: number
  /** Who watches, beside them. */
  tabs: number
  /** Of the agents, so many run a workflow all the while. */
  working: number
  signal: 'SIGTERM' | 'SIGKILL'
  /** How long there is no server. */
  awayMs: number
}

/** What a return took: counts in one second, and milliseconds since the new server listened. */
interface Numbers {
  /** Agents whose sockets the new server opened in its busiest second, by its own clock. */
  opened: number
  /** Tries in the busiest second, those in vain included, by the plans of those who tried. */
  tried: number
  /** Slots of the goodbye in the busiest second. */
  slots: number
  back: { half: number; p99: number; last: number }
}

const PATIENCE_MS = 180_000

/** The server leaves and comes back under a fleet: all are back, nothing was lost or started again. */
export async function herdReturns(what: Return): Promise<Numbers> {
  const { agents, working, signal, awayMs } = what
  let numbers: Numbers | undefined
  await onStage(async (stage) => {
    await stage.serve()
    const herd = await gather(stage, what)
    try {
      const ids = await employ(stage, working)
      await waitUntil(() => herd.running === working, { limitMs: PATIENCE_MS, what: 'the work' })
      const dialled = herd.dials.length
      stage.server.process.signal(signal)
      expect((await stage.server.process.finished(PATIENCE_MS)).code).toBe(signal === 'SIGTERM' ? 0 : null)
      await new Promise((resolve) => setTimeout(resolve, awayMs))
      await stage.serve()
      const listens = Date.now()
      await herd.allHere(PATIENCE_MS)
      herd.letGo()
      for (const id of ids) {
        expect(await stage.watch.ended(id, PATIENCE_MS)).toMatchObject({
          state: 'success',
          attempt: 1,
          logs: 'complete',
        })
      }
      expect(herd.ended).toEqual([])
      const returns = (await allAgents(stage)).map(({ connected }) => Number(connected) - listens).sort((a, b) => a - b)
      const at = (part: number) => returns[Math.ceil(agents * part) - 1] ?? Number.NaN
      const opened = openedBy(stage)
      expect(opened.length).toBeGreaterThanOrEqual(agents)
      numbers = {
        opened: busiestSecond(opened),
        tried: busiestSecond(herd.dials.slice(dialled)),
        slots: busiestSecond(herd.slots),
        back: { half: at(0.5), p99: at(0.99), last: at(1) },
      }
    } finally {
      await herd.close()
    }
  })
  if (numbers === undefined) throw new Error('the herd has not returned')
  return numbers
}

async function gather(stage: Stage, { agents, tabs }: Return): Promise<Herd> {
  const operator = await stage.operator()
  const { token: viewer } = await operator.call('token.create', { role: 'viewer' })
  const herd = new Herd({ url: stage.server.url, token: await stage.agentToken(), viewer, agents, tabs })
  await herd.start(PATIENCE_MS)
  return herd
}

/** Submits one workflow for each of so many agents. */
async function employ(stage: Stage, count: number): Promise<string[]> {
  const ids: string[] = []
  const text = 'labels: {herd: "yes"}\nsteps: [{name: work, commands: "true"}]\n'
  for (let at = 0; at < count; at++) ids.push(await stage.submit(text))
  return ids
}

async function allAgents(stage: Stage): Promise<AgentView[]> {
  const operator = await stage.operator()
  const all: AgentView[] = []
  for (let before: string | null | undefined; before !== null; ) {
    const page = await operator.call('agents', { limit: 200, ...(before === undefined ? {} : { before }) })
    all.push(...page.agents)
    before = page.next
  }
  return all
}

/** When the server that runs now has opened the sockets of its agents, as its own log has it. */
function openedBy(stage: Stage): number[] {
  const lines = stage.server.process
    .stderr()
    .split('\n')
    .filter((line) => line.endsWith('"msg":"an agent is connected"}'))
  return lines.map((line) => {
    const { time, afterMs } = JSON.parse(line) as { time: number; afterMs: number }
    return time - afterMs
  })
}
