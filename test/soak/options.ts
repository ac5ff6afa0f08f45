import { parseArgs } from 'node:util'

export const KINDS = ['server', 'agent', 'network'] as const
export type Kind = (typeof KINDS)[number]

export interface SoakOptions {
  minutes: number
  seed: number
  kinds: readonly Kind[]
  agents: number
  /** Seconds. */
  lease: number
}

export const USAGE = `usage: npm run soak -- [options]
  --minutes N      how long faults happen; then all is mended and checked (default 1)
  --seed N         what is submitted and what happens to it follows from it (default 1)
  --kill KINDS     server, agent, network, or none (default: all three)
  --agents N       (default 3)
  --lease SECONDS  time to live of a lease (default 8)`

/** Throws a message for people. */
export function readOptions(args: string[]): SoakOptions {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
      kill: { type: 'string', default: KINDS.join(',') },
      agents: { type: 'string', default: '3' },
      lease: { type: 'string', default: '8' },
    },
  })
  return {
    minutes: positive('minutes', values.minutes),
    seed: positive('seed', values.seed),
    kinds: kindsOf(values.kill),
    agents: Math.max(1, Math.round(positive('agents', values.agents))),
    lease: positive('lease', values.lease),
  }
}

/** The command that does the same again. */
export function commandOf({ minutes, seed, kinds, agents, lease }: SoakOptions): string {
  const kill = kinds.length === 0 ? 'none' : kinds.join(',')
  return `npm run soak -- --minutes ${minutes} --seed ${seed} --kill ${kill} --agents ${agents} --lease ${lease}`
}

function positive(name: string, text: string): number {
  const number = Number(text)
  if (!(number > 0)) throw new Error(`--${name} must be a number above 0, not ${JSON.stringify(text)}`)
  return number
}

function kindsOf(text: string): Kind[] {
  if (text === 'none') return []
  return text.split(',').map((word) => {
    const kind = KINDS.find((one) => one === word)
    if (kind === undefined) throw new Error(`--kill takes ${KINDS.join(', ')} or none, not ${JSON.stringify(word)}`)
    return kind
  })
}
