import type { AgentView } from '../../protocol/index.ts'

/** The one that is turned away comes again every minute. */
const CONFLICT_MS = 180_000

/** Another process of its name knocks, in vain. */
export function conflicts({ conflict }: Pick<AgentView, 'conflict'>, now: number): boolean {
  return conflict !== null && now - conflict.getTime() < CONFLICT_MS
}

/** Why it gets no work, where its state does not tell, in two or three words; empty: nothing keeps work from it. */
export function heldBack({ state, schedulable, drainedBy }: AgentView): string {
  if (drainedBy === 'operator' && state === 'offline') return 'drained'
  return schedulable ? '' : 'kept from work'
}

/** Its labels, and those of them that its work must carry, since its credential says so. */
export function labelsOf({ labels }: Pick<AgentView, 'labels'>): {
  readonly own: Readonly<Record<string, string>>
  readonly forced: Readonly<Record<string, string>>
} {
  const pairs = Object.entries(labels)
  return {
    own: Object.fromEntries(pairs.filter(([name]) => !name.startsWith('!'))),
    forced: Object.fromEntries(
      pairs.filter(([name]) => name.startsWith('!')).map(([name, value]) => [name.slice(1), value]),
    ),
  }
}

/** Those that tell it from others: without what every agent says of itself. */
export function tellingLabels({ labels, platform, backend }: AgentView): Readonly<Record<string, string>> {
  const usual: Record<string, string> = { repo: '*', platform, backend }
  const pairs = Object.entries(labelsOf({ labels }).own)
  return Object.fromEntries(pairs.filter(([name, value]) => name !== 'hostname' && usual[name] !== value))
}

/** What a filter looks into: all words must be found in one of these. */
export function agentMatches(agent: AgentView, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const { name, state, platform, backend, software, address } = agent
  const pairs = Object.entries(labelsOf(agent).own).map(([key, value]) => `${key}=${value}`)
  const all = [name, state, heldBack(agent), platform, backend, software, address ?? '', ...pairs]
  const fields = all.map((field) => field.toLowerCase())
  return words.every((word) => fields.some((field) => field.includes(word)))
}
