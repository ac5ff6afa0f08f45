import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchLabels } from '../../../src/server/queue/index.ts'
import { Bench } from './builder.ts'

type Labels = Record<string, string>
interface Pending {
  id: string
  labels: Labels
  priority: number
  order: number
  group: string | undefined
}
interface Open {
  id: string
  agentId: string
  labels: Labels
}

/** The rules said once more, as plainly as can be: every workflow against every open `next`. */
class Reference {
  readonly pending = new Map<string, Pending>()
  readonly busy = new Map<string, { group: string | undefined; agentId: string }>()
  open: Open[] = []

  match(): string | null {
    const groups = new Map<string, number>()
    for (const { group } of this.busy.values()) if (group !== undefined) groups.set(group, (groups.get(group) ?? 0) + 1)
    const inOrder = [...this.pending.values()].sort((a, b) => b.priority - a.priority || a.order - b.order)
    for (const work of inOrder) {
      const ahead = work.group === undefined ? 0 : (groups.get(work.group) ?? 0)
      if (work.group !== undefined) groups.set(work.group, ahead + 1)
      const found = ahead < 2 ? this.#best(work) : undefined
      if (found === undefined) continue
      this.pending.delete(work.id)
      this.open = this.open.filter((other) => other !== found)
      this.busy.set(work.id, { group: work.group, agentId: found.agentId })
      return `${work.id}→${found.id}`
    }
    return null
  }

  #best(work: Pending): Open | undefined {
    const running = (agentId: string) => [...this.busy.values()].filter((one) => one.agentId === agentId).length
    const rank = (open: Open) => [-matchLabels(open.labels, work.labels).score, running(open.agentId)] as const
    const suits = this.open.filter(({ labels }) => matchLabels(labels, work.labels).match)
    // A stable sort of those in order of opening: the longest waiting wins a tie.
    return suits.sort((a, b) => rank(a)[0] - rank(b)[0] || rank(a)[1] - rank(b)[1])[0]
  }
}

const key = fc.constantFrom('a', 'b', 'host')
const wants = fc.dictionary(key, fc.constantFrom('1', '2', '3', ''), { maxKeys: 2 })
const has = fc.dictionary(
  fc.tuple(fc.constantFrom('', '', '', '!'), key).map((parts) => parts.join('')),
  fc.constantFrom('1', '2', '3', '*'),
  { maxKeys: 3 },
)
const step = fc.oneof(
  fc.record({ do: fc.constant('push' as const), labels: wants, priority: fc.nat(2), group: fc.nat(3), age: fc.nat(9) }),
  fc.record({ do: fc.constant('open' as const), labels: has, agent: fc.nat(3) }),
  fc.record({ do: fc.constant('match' as const) }),
  fc.record({ do: fc.constant('end' as const), which: fc.nat() }),
  fc.record({ do: fc.constant('cancel' as const), which: fc.nat() }),
  fc.record({ do: fc.constant('abort' as const), which: fc.nat() }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function at<T>(items: Iterable<T>, which: number): T | undefined {
  const all = [...items]
  return all[which % Math.max(1, all.length)]
}

class Both {
  readonly bench = new Bench()
  readonly reference = new Reference()
  #made = 0

  take(one: Step): void {
    if (one.do === 'push') this.#push(one)
    else if (one.do === 'open') this.#open(`agent-${one.agent}`, one.labels)
    else if (one.do === 'match') this.match()
    else if (one.do === 'end') this.#end(at(this.reference.busy.keys(), one.which))
    else if (one.do === 'cancel') this.#end(at(this.reference.pending.keys(), one.which))
    else this.#abort(at(this.reference.open, one.which))
  }

  match(): string | null {
    const pair = this.bench.index.match()
    if (pair !== null) {
      this.bench.offered(pair.workflowId)
      this.bench.index.taken(pair.workflowId)
    }
    const mine = pair === null ? null : `${pair.workflowId}→${pair.waiting.id}`
    expect(mine).toBe(this.reference.match())
    return mine
  }

  #push({ labels, priority, group: number, age }: Extract<Step, { do: 'push' }>): void {
    const id = `w${++this.#made}`
    // Some come late, as requeued ones do: their age is in between.
    const order = age === 0 ? this.#made / 2 + 0.25 : this.#made
    const group = number === 0 ? undefined : `g${number}`
    this.reference.pending.set(id, { id, labels, priority, order, group })
    this.bench.pending(id, { labels, priority, order, limit: 2, ...(group === undefined ? {} : { group }) })
  }

  #open(agentId: string, labels: Labels): void {
    const { id } = this.bench.next(agentId, labels)
    this.reference.open.push({ id, agentId, labels })
  }

  #end(id: string | undefined): void {
    if (id === undefined) return
    this.reference.busy.delete(id)
    this.reference.pending.delete(id)
    this.bench.index.apply({ kind: 'workflow', id, version: 99, state: 'success', lane: null, lease: null })
  }

  #abort(open: Open | undefined): void {
    if (open === undefined) return
    this.reference.open = this.reference.open.filter((other) => other !== open)
    this.bench.index.close(open.id)
  }
}

test('it pairs as a matcher that compares everything with everything does', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }), (steps) => {
      const both = new Both()
      for (const one of steps) both.take(one)
      while (both.match() !== null);
    }),
    { numRuns: 500 },
  )
})
