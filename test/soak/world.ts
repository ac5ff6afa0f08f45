import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Running } from '../support/running.ts'
import { Stage } from '../support/stage.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import type { SoakOptions } from './options.ts'
import { AGENT_VARIABLE, STEP_SCRIPT } from './step-script.ts'

const CAPACITY = 4

/** One agent: its process, and the network before it. */
export interface Player {
  readonly name: string
  readonly proxy: TcpProxy
  process: Running
}

/** A server, agents and the networks between them, all real, and what was done to them. */
export class World {
  readonly stage: Stage
  readonly players: Player[] = []
  readonly #flags: string[]
  #operators: TcpProxy | undefined

  private constructor(stage: Stage, lease: number) {
    this.stage = stage
    this.#flags = ['--test-timings', '--lease', `${lease}s`]
    writeFileSync(this.script, STEP_SCRIPT)
  }

  static async begin({ agents, lease }: SoakOptions, stage = new Stage()): Promise<World> {
    const world = new World(stage, lease)
    try {
      await world.#start(agents)
      return world
    } catch (error) {
      await world.end()
      throw error
    }
  }

  /** What every step runs. */
  get script(): string {
    return this.stage.path('step.sh')
  }

  get capacity(): number {
    return this.players.length * CAPACITY
  }

  /** The network before operators. */
  get operators(): TcpProxy {
    if (this.#operators === undefined) throw new Error('no network yet')
    return this.#operators
  }

  readonly records = (lane: string): string => this.stage.path(`records-${lane}`)

  /** What the steps of each lane wrote down. */
  recordFiles(): string[] {
    const names = readdirSync(this.stage.folder).filter((name) => name.startsWith('records-'))
    return names.map((name) => readFileSync(this.stage.path(name), 'utf8'))
  }

  journal(agent: string): string {
    return this.stage.path(`data-${agent}/journal`)
  }

  async startServer(): Promise<void> {
    await this.stage.serve(...this.#flags)
  }

  async startAgent(player: Player): Promise<void> {
    player.process = await this.#startAgent(player.name, player.proxy)
  }

  /** Until told to stop, mends every network and brings back whoever is away, whatever ended it: a Ctrl-C goes to all. */
  async keepUp(stop: AbortSignal): Promise<void> {
    const stopped = new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }))
    while (!stop.aborted) {
      await this.#heal()
      const all = [this.stage.server, ...this.players].map(({ process }) => process.exit)
      await Promise.race([...all, stopped])
    }
  }

  async #heal(): Promise<void> {
    for (const proxy of this.#proxies) proxy.mend()
    if (this.stage.server.process.ended !== undefined) await this.startServer()
    for (const player of this.players) {
      player.process.signal('SIGCONT')
      if (player.process.ended !== undefined) await this.startAgent(player)
    }
  }

  /** Folders of attempts, and processes that are neither the server nor an agent. */
  left(): string[] {
    const folders = existsSync(this.stage.path('tmp')) ? readdirSync(this.stage.path('tmp')) : []
    return [
      ...folders.map((name) => `folder ${name}`),
      ...this.stage.strays().map(({ pid, command }) => `${pid} ${command}`),
    ]
  }

  async end(): Promise<void> {
    for (const proxy of this.#proxies) await proxy.close()
    await this.stage.destroy()
  }

  get #proxies(): TcpProxy[] {
    const own = this.#operators === undefined ? [] : [this.#operators]
    return [...own, ...this.players.map(({ proxy }) => proxy)]
  }

  async #start(agents: number): Promise<void> {
    await this.startServer()
    this.#operators = await TcpProxy.to(this.stage.server.port)
    for (let number = 1; number <= agents; number++) await this.#join(`agent-${number}`)
    for (const { name } of this.players) await this.stage.online(name)
  }

  async #join(name: string): Promise<void> {
    const proxy = await TcpProxy.to(this.stage.server.port)
    this.players.push({ name, proxy, process: await this.#startAgent(name, proxy) })
  }

  #startAgent(name: string, proxy: TcpProxy): Promise<Running> {
    const env = { [AGENT_VARIABLE]: name }
    const flags = ['--pass-env', AGENT_VARIABLE]
    return this.stage.startAgent({ name, url: proxy.url, capacity: CAPACITY, data: true, env, flags })
  }
}
