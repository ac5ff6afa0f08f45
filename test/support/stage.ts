import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endProcess, guardiansOf, type Process, processesIn } from './proc.ts'
import { RawEnd } from './raw-end.ts'
import { type Exit, Running } from './running.ts'
import { waitUntil } from './wait-until.ts'
import { Watcher } from './watcher.ts'

export const ROOT = join(import.meta.dirname, '..', '..')

export interface Finished extends Exit {
  stdout: string
  stderr: string
}

export interface Serve {
  process: Running
  url: string
  port: number
}

export interface AgentOptions {
  name: string
  labels?: Record<string, string>
  capacity?: number
  /** Where it dials; default the server itself. */
  url?: string
  /** Keep a data directory. */
  data?: boolean
  env?: Record<string, string>
  /** Further flags of `agent`. */
  flags?: string[]
}

/** A folder with a server and agents in it, each a process of its own, as a user would start them. */
export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'drumline-e2e-'))
  readonly #bin: string
  readonly #all: Running[] = []
  readonly #agents = new Map<string, Running>()
  readonly #ends: RawEnd[] = []
  readonly watch = new Watcher(() => RawEnd.open({ url: this.server.url, token: this.adminToken }))
  /** Called before the processes are ended. */
  readonly cleanups: (() => unknown)[] = []
  #server: Serve | undefined
  #agentToken: string | undefined
  /** An agent was killed: nobody has removed its folders. */
  #untidy = false

  /** `root`: of the project that is started, this one unless it is a copy. */
  constructor(root = ROOT) {
    this.#bin = join(root, 'bin', 'drumline.js')
    mkdirSync(join(this.folder, 'tmp'))
  }

  get server(): Serve {
    if (this.#server === undefined) throw new Error('no server yet')
    return this.#server
  }

  get data(): string {
    return join(this.folder, 'drumline-data')
  }

  get adminToken(): string {
    return readFileSync(join(this.data, 'admin-token'), 'utf8').trim()
  }

  /** A path in the folder. */
  path(name: string): string {
    return join(this.folder, name)
  }

  write(name: string, text: string): string {
    writeFileSync(this.path(name), text)
    return this.path(name)
  }

  /** Starts `drumline` with this folder as its world; the caller need not end it. */
  start(args: readonly string[], env: Record<string, string> = {}): Running {
    const own = { HOME: this.folder, TMPDIR: this.path('tmp'), PATH: process.env.PATH ?? '', LANG: 'C.UTF-8' }
    const running = new Running(process.execPath, [this.#bin, ...args], { cwd: this.folder, env: { ...own, ...env } })
    this.#all.push(running)
    return running
  }

  /** Starts a server; a second time on the same port, over the same data. */
  async serve(...flags: string[]): Promise<Serve> {
    const port = this.#server?.port ?? 0
    const listen = ['--listen', `127.0.0.1:${port}`, '--data', this.data]
    const running = this.start(['serve', ...listen, ...flags])
    const [, url = '', number = ''] = await running.says(/^listening on (http:\/\/127\.0\.0\.1:(\d+))\n/, 60_000)
    this.#server = { process: running, url, port: Number(number) }
    return this.#server
  }

  /** Starts an agent and waits until the server has it online. */
  async agent(options: AgentOptions): Promise<Running> {
    const running = await this.startAgent(options)
    await this.online(options.name)
    return running
  }

  /** Waits until the server has this agent online. */
  async online(name: string): Promise<void> {
    await waitUntil(() => this.watch.isOnline(name), { limitMs: 60_000, what: `agent ${name} online` })
  }

  async startAgent({ name, labels = {}, capacity, url, data, env, flags = [] }: AgentOptions): Promise<Running> {
    const args = ['agent', '--url', url ?? this.server.url, '--name', name, ...flags]
    if (capacity !== undefined) args.push('--capacity', String(capacity))
    if (data) args.push('--data', this.path(`data-${name}`))
    for (const [key, value] of Object.entries(labels)) args.push('--label', `${key}=${value}`)
    const token = await this.agentToken()
    const running = this.start(args, { DRUMLINE_TOKEN: token, ...env })
    this.#agents.set(name, running)
    return running
  }

  async agentToken(): Promise<string> {
    if (this.#agentToken === undefined) {
      const operator = await this.operator()
      this.#agentToken = (await operator.call('token.create', { role: 'agent' })).token
    }
    return this.#agentToken
  }

  /** SIGKILL: its steps are its guardian's. */
  async killAgent(name: string): Promise<void> {
    this.#untidy = true
    await this.#agents.get(name)?.kill()
  }

  /** SIGTERM: it finishes what it runs, and leaves. */
  async stopAgent(name: string): Promise<void> {
    const agent = this.#agents.get(name)
    agent?.signal('SIGTERM')
    await agent?.finished(30_000)
  }

  /** Runs one command of an operator to its end. */
  async run(args: readonly string[], env: Record<string, string> = {}, limitMs = 30_000): Promise<Finished> {
    const known = this.#server ? { DRUMLINE_URL: this.#server.url, DRUMLINE_TOKEN: this.adminToken } : {}
    const running = this.start(args, { ...known, ...env })
    const exit = await running.finished(limitMs)
    return { ...exit, stdout: running.stdout(), stderr: running.stderr() }
  }

  /** Runs a command with `--json` and reads what it prints; it must succeed. */
  async json(...args: string[]): Promise<unknown> {
    const { code, stdout, stderr } = await this.run([...args, '--json'])
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}${stdout}`)
    return JSON.parse(stdout)
  }

  /** Submits one workflow file's text; answers its id. */
  async submit(text: string, ...flags: string[]): Promise<string> {
    const file = this.write(`workflow-${this.#all.length}.yaml`, text)
    const { workflows } = (await this.json('submit', file, ...flags)) as { workflows: { id: string }[] }
    const [workflow] = workflows
    if (workflow === undefined) throw new Error('submit named no workflow')
    return workflow.id
  }

  /** A raw end of the bus with the admin's token, or what is given. Closed with the stage. */
  async operator(): Promise<RawEnd> {
    return this.raw({ token: this.adminToken })
  }

  async raw(options: Omit<Parameters<typeof RawEnd.open>[0], 'url'> & { url?: string }): Promise<RawEnd> {
    const end = await RawEnd.open({ url: this.server.url, ...options })
    this.#ends.push(end)
    return end
  }

  /** All that were started, ended ones too. */
  get processes(): readonly Running[] {
    return this.#all
  }

  /** Processes that outlived the agent which started them, or that it runs now. */
  strays(): Process[] {
    const mine = new Set(this.#all.filter(({ ended }) => ended === undefined).map(({ pid }) => pid))
    return processesIn(this.folder).filter(({ pid }) => !mine.has(pid))
  }

  /** Ends processes that outlived the agent which started them. */
  sweep(): Process[] {
    const left = this.strays()
    for (const { pid } of left) endProcess(pid)
    return left
  }

  /** Leaves as a user would: SIGTERM to all, exit 0 expected of each, nothing left behind. */
  async leave(): Promise<void> {
    await this.#hangUp()
    const agents = [...this.#agents.values()].filter(({ ended }) => ended === undefined)
    for (const agent of agents) agent.signal('SIGTERM')
    for (const agent of agents) expectZero(agent, await agent.finished())
    const serve = this.#server?.process
    if (serve !== undefined && serve.ended === undefined) {
      serve.signal('SIGTERM')
      expectZero(serve, await serve.finished())
    }
    await this.#isEmpty()
    const files = this.#untidy ? [] : readdirSync(this.path('tmp'))
    if (files.length > 0) throw new Error(`left in the temporary folder: ${files.join(', ')}`)
  }

  /** Ends everything, whatever state it is in. */
  async destroy(): Promise<void> {
    await this.#hangUp()
    await Promise.all(this.#all.filter(({ ended }) => ended === undefined).map((one) => one.kill()))
    await waitUntil(() => this.sweep().length === 0, { what: 'the end of what was left running' })
    rmSync(this.folder, { recursive: true, force: true })
  }

  async #hangUp(): Promise<void> {
    for (const cleanup of this.cleanups.splice(0)) await cleanup()
    await Promise.all([...this.#ends, this.watch].map((end) => end.close()))
  }

  async #isEmpty(): Promise<void> {
    const left = (): unknown[] => [...processesIn(this.folder), ...this.#all.flatMap(({ pid }) => guardiansOf(pid))]
    await waitUntil(() => left().length === 0, { limitMs: this.#untidy ? 60_000 : 10_000 }).catch(() => {
      throw new Error(`left running: ${JSON.stringify(left())}`)
    })
  }

  /** What every process has said on stderr, for a test that failed. */
  diary(): string {
    return this.#all
      .map((one) => `--- ${one.command}\n${one.stdout().slice(-1000)}${one.stderr().slice(-4000)}`)
      .join('\n')
  }
}

function expectZero(process: Running, { code, signal }: Exit): void {
  if (code !== 0) throw new Error(`${process.command} ended with ${code ?? signal} on SIGTERM: ${process.stderr()}`)
}
