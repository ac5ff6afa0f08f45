import { newId, type ResultOf, type WorkflowSpec, workflowSpec } from '../../protocol/index.ts'
import type { Network } from '../../socket/index.ts'
import { Actor, type Identity, open, type RawWire } from './actor.ts'

/** What all cases share: the server, and the credentials that were made for them. */
export interface House {
  readonly url: URL
  readonly network: Network
  /** An operator's end; the admin's. */
  readonly operator: RawWire
  /** The admin's. */
  readonly token: string
  /** Two agents'. */
  readonly tokens: readonly [first: string, second: string]
  /** Of every agent that was played. */
  readonly names: Set<string>
}

/** One case: agents, connections and workflows of its own, and what it leaves is cleared away. */
export class Play {
  readonly house: House
  /** Only this case's agents have it, and its workflows ask for it. */
  readonly label = newId()
  readonly #wires: RawWire[] = []
  readonly #workflows: string[] = []
  #names = 0

  constructor(house: House) {
    this.house = house
  }

  get operator(): RawWire {
    return this.house.operator
  }

  /** A connection that has said nothing yet. */
  async open(token = this.house.tokens[0]): Promise<RawWire> {
    const wire = await open(this.house.url, token, this.house.network)
    this.#wires.push(wire)
    return wire
  }

  /** An agent that was welcomed; each has a name of its own unless one is given. */
  async agent(more: Partial<Identity> = {}): Promise<Actor> {
    const identity = this.identity(more)
    return Actor.enter(await this.open(identity.token), identity)
  }

  /** The same agent on a new connection. */
  again(actor: Actor, more: Partial<Identity> = {}): Promise<Actor> {
    const { identity } = actor
    return this.agent({ ...identity, dial: (identity.dial ?? 1) + 1, ...more })
  }

  identity(more: Partial<Identity> = {}): Identity {
    const { url, tokens, names } = this.house
    const name = `conformance-${this.label.slice(0, 8)}-${++this.#names}`
    names.add(name)
    return { url, token: tokens[0], name, label: this.label, boot: newId(), dial: 1, ...more }
  }

  async submit(more: Partial<WorkflowSpec> = {}, secrets: Record<string, string> = {}): Promise<string> {
    const { workflows } = await this.operator.call(
      'submit',
      { workflows: [this.spec(more)], secrets },
      { key: newId() },
    )
    const id = workflows[0]?.id ?? ''
    this.#workflows.push(id)
    return id
  }

  spec(more: Partial<WorkflowSpec> = {}): WorkflowSpec {
    const steps = [{ name: 'one', commands: ['true'] }]
    return workflowSpec({ name: 'conformance', labels: { conformance: this.label }, graceMs: 1_000, steps, ...more })
  }

  /** A workflow at work on an agent of its own. */
  async running(
    more: Partial<WorkflowSpec> = {},
    who: Partial<Identity> = {},
  ): Promise<{ id: string; agent: Actor; lease: string }> {
    const id = await this.submit(more)
    const agent = await this.agent(who)
    const { lease } = await agent.take()
    return { id, agent, lease }
  }

  get(id: string): Promise<ResultOf<'get'>> {
    return this.operator.call('get', { id })
  }

  /** Every stored line of the latest attempt. */
  async lines(id: string): Promise<string[]> {
    const { parts } = await this.operator.call('logs', { id })
    return parts.flatMap((part) => ('text' in part ? part.text.split('\n').slice(0, -1) : []))
  }

  cancel(...ids: string[]): Promise<ResultOf<'cancel'>> {
    return this.operator.call('cancel', { ids, reason: 'a test of conformance' }, { key: newId() })
  }

  /** What the server sent that the protocol does not know. */
  broken(): string[] {
    return this.#wires.flatMap(({ broken }) => broken ?? [])
  }

  /** Cancels what was submitted, and drops the connections. */
  async clear(): Promise<void> {
    if (this.#workflows.length > 0) await this.cancel(...this.#workflows)
    for (const wire of this.#wires) wire.hangUp()
  }
}
