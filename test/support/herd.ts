import { type RunningAgent, runAgent } from '../../src/agent/index.ts'
import { type Client, dialClient } from '../../src/client/node.ts'
import { type Clock, type Port, systemClock } from '../../src/protocol/index.ts'
import { busUrl, type DialOptions, dial } from '../../src/socket/index.ts'
import { waitUntil } from './wait-until.ts'

/** Says of a callback that runs when it was due: on a busy machine it runs later, and many together. */
class PlannedClock implements Clock {
  readonly now = systemClock.now
  readonly monotonic = systemClock.monotonic
  #due: number | undefined

  get due(): number {
    return this.#due ?? this.monotonic()
  }

  after(ms: number, call: () => void): () => void {
    const due = this.monotonic() + ms
    return systemClock.after(ms, () => {
      this.#due = due
      try {
        call()
      } finally {
        this.#due = undefined
      }
    })
  }
}

interface HerdOptions {
  url: string
  /** Of an agent. */
  token: string
  /** Of somebody who watches. */
  viewer: string
  agents: number
  tabs: number
}

/** Many agents, and many who watch, in this process: real sockets, the library's own ends. */
export class Herd {
  /** When each upgrade was asked for, by the plan of whoever asked, on the monotonic clock. */
  readonly dials: number[] = []
  /** Agents that ended, which none should. */
  readonly ended: string[] = []
  /** What the goodbyes said, each client's own slot. */
  readonly slots: number[] = []
  readonly #options: HerdOptions
  readonly #clock = new PlannedClock()
  readonly #agents: RunningAgent[] = []
  readonly #tabs: Client[] = []
  #release: () => void = () => {}
  readonly #gate = new Promise<void>((resolve) => {
    this.#release = resolve
  })
  #running = 0

  constructor(options: HerdOptions) {
    this.#options = options
  }

  /** Workflows that run here just now. */
  get running(): number {
    return this.#running
  }

  /** Lets what runs end, and what will. */
  letGo(): void {
    this.#release()
  }

  /** Agents that are connected just now. */
  get here(): number {
    return this.#agents.filter(({ peer }) => peer.state === 'ready').length
  }

  /** Starts all at once, and resolves when all are here. */
  async start(limitMs: number): Promise<void> {
    const { url, token, viewer, agents, tabs } = this.#options
    for (let at = 1; at <= agents; at++) this.#agents.push(this.#agent(url, token, `herd-${at}`))
    await this.allHere(limitMs)
    for (let at = 0; at < tabs; at++) this.#tabs.push(await this.#tab(url, viewer))
  }

  async allHere(limitMs: number): Promise<void> {
    const { agents } = this.#options
    const all = () => this.here === agents
    await waitUntil(all, { limitMs, what: 'the last of the herd' }).catch((error: unknown) => {
      throw new Error(`${this.here} of ${agents} are here, ended: ${this.ended.join(', ')}`, { cause: error })
    })
  }

  async close(): Promise<void> {
    for (const tab of this.#tabs) tab.close()
    await Promise.all(this.#agents.map(({ peer }) => peer.close()))
  }

  #agent(url: string, token: string, name: string): RunningAgent {
    const agent = runAgent({
      url,
      token,
      agent: { name, labels: { herd: 'yes' } },
      clock: this.#clock,
      dial: (to, options) => this.#dial(to, options),
      run: async (job) => {
        this.#running++
        await job.steps[0]?.run(async (log) => {
          log('begun\n')
          await this.#gate
        })
        this.#running--
      },
    })
    agent.finished.catch((error: unknown) => void this.ended.push(String(error)))
    return agent
  }

  async #tab(url: string, token: string): Promise<Client> {
    const options = { token, maxBytes: 1_048_576 }
    const client = await dialClient({
      url,
      token,
      giveUpMs: 60_000,
      outageMs: 300_000,
      dial: (signal) => this.#dial(busUrl(url), { ...options, signal }),
    })
    await client.subscribe('workflows', { onData: () => {} })
    return client
  }

  async #dial(url: URL, options: DialOptions): Promise<Port> {
    this.dials.push(this.#clock.due)
    const port = await dial(url, options)
    const listen = port.onText.bind(port)
    port.onText = (listener) =>
      listen((text) => {
        const [, slot] = /"type":"bye","afterMs":(\d+)/.exec(text) ?? []
        if (slot !== undefined) this.slots.push(Number(slot))
        listener(text)
      })
    return port
  }
}

/** The most of these times, in milliseconds, that fall into one second. */
export function busiestSecond(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b)
  let most = 0
  let from = 0
  for (const [at, time] of sorted.entries()) {
    while (time - (sorted[from] ?? 0) >= 1000) from++
    most = Math.max(most, at - from + 1)
  }
  return most
}
