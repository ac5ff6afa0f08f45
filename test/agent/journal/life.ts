import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AgentPeer, connect, type Journal } from '../../../src/agent/index.ts'
import { read } from '../../../src/agent/journal/read.ts'
import { type Offer, silentLog, type VerdictWord } from '../../../src/protocol/index.ts'
import { settle } from '../../support/fake-clock.ts'
import { BEGUN } from '../offers.ts'
import { type Stage, stage } from '../stage.ts'
import { leftBy, opened } from './folder.ts'

export interface Life extends Stage {
  directory: string
  journal: Journal
  peer: AgentPeer
}

/** An agent that keeps a journal in this folder, connected to a server of its own. */
export async function live(directory: string, prepare: (on: Stage) => void = () => {}): Promise<Life> {
  const on = stage()
  prepare(on)
  const journal = await opened(directory, { clock: on.clock, log: on.options.log ?? silentLog })
  const peer = connect({ ...on.options, journal })
  await settle()
  return { ...on, directory, journal, peer }
}

/** Takes an offer and accepts it. */
export async function begin({ peer, server }: Life, work: Offer): Promise<Offer> {
  server.offer(work)
  await peer.next()
  await peer.init(work, BEGUN)
  return work
}

/** The next start, over what a kill at this moment would leave; the server has a verdict for each claim. */
export function next(
  life: Life,
  verdict: VerdictWord,
  upto: Record<string, number> = {},
  prepare: (on: Stage) => void = () => {},
): Promise<Life> {
  return live(leftBy(life.directory), (on) => {
    prepare(on)
    on.server.welcome = ({ claims }) => ({
      claims: claims.map(({ lease, steps }) => ({
        lease,
        verdict,
        steps: steps.map(({ stepId }) => ({ stepId, upto: upto[stepId] ?? 0 })),
      })),
    })
  })
}

/** What the journal says now. */
export function entries({ directory }: Life): string[] {
  return read(readFileSync(join(directory, 'journal'))).entries.map(({ type }) => type)
}

/** The lines that the server was sent, each frame with its first number. */
export function linesOf({ server }: Life): string[] {
  return server.framesOf('log').map(({ from, text }) => `${from}: ${text}`)
}
