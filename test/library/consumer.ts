import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Running } from '../support/running.ts'
import { ROOT } from '../support/stage.ts'

/** What a project of our users has beside us. TypeScript 7 is taken from here: only its compiler is used. */
const BESIDE = ['typescript@5.9', '@types/node@20']

export const BIN = 'node_modules/.bin/drumline'

const STRICT = {
  target: 'es2023',
  lib: ['es2023'],
  module: 'nodenext',
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
}

export interface Packed {
  /** Path of the tarball. */
  readonly file: string
  readonly unpackedSize: number
  /** Paths in it. */
  readonly paths: readonly string[]
}

export interface Done {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A running server, and what its admin and its agents have in their environment. */
export interface Served {
  readonly process: Running
  readonly url: string
  readonly admin: Record<string, string>
  readonly agent: Record<string, string>
}

/** A project of somebody else, in a folder of its own, that has installed the packed tarball. */
export class Consumer {
  readonly folder = mkdtempSync(join(tmpdir(), 'drumline-consumer-'))
  readonly #started = new Set<Running>()
  #servers = 0
  #admin: Record<string, string> = {}
  #packed: Packed | undefined

  get packed(): Packed {
    if (this.#packed === undefined) throw new Error('nothing was packed')
    return this.#packed
  }

  async install(): Promise<void> {
    this.#packed = await this.#pack()
    this.write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
    const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
    await this.#npm(['install', ...flags, this.packed.file, ...BESIDE])
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true })
    writeFileSync(this.path(name), text)
  }

  /** Takes a file of this repository over. */
  take(name: string): void {
    cpSync(join(ROOT, name), this.path(name))
  }

  /** Runs a program of the project to its end; it fails if that does not come by itself. */
  async run(args: readonly string[], env: Record<string, string> = {}): Promise<Done> {
    const running = this.start(args, env)
    try {
      const { code } = await running.finished(60_000)
      return { code, stdout: running.stdout(), stderr: running.stderr() }
    } finally {
      await this.end(running)
    }
  }

  /** Starts a program of the project. */
  start(args: readonly string[], env: Record<string, string> = {}): Running {
    const running = new Running(process.execPath, args, { cwd: this.folder, env: { ...this.#world(), ...env } })
    this.#started.add(running)
    return running
  }

  /** Runs one command of the installed command line, as the admin of the last server. */
  drumline(...args: string[]): Promise<Done> {
    return this.run([BIN, ...args], this.#admin)
  }

  /** Starts the installed server on data of its own. */
  async serve(): Promise<Served> {
    const data = `served-${++this.#servers}`
    const process = this.start([BIN, 'serve', '--listen', '127.0.0.1:0', '--data', data])
    const [, url = ''] = await process.says(/^listening on (\S+)\n/, 30_000)
    const token = readFileSync(this.path(`${data}/admin-token`), 'utf8').trim()
    this.#admin = { DRUMLINE_URL: url, DRUMLINE_TOKEN: token }
    const { stdout } = await this.drumline('token', 'create', '--role', 'agent', '--json')
    const agent = JSON.parse(stdout) as { token: string }
    return { process, url, admin: this.#admin, agent: { DRUMLINE_TOKEN: agent.token } }
  }

  async end(running: Running): Promise<void> {
    this.#started.delete(running)
    if (running.ended === undefined) await running.kill()
  }

  /** Compiles files of the project as strictly as there is, the types of all packages too. */
  compile(version: 5 | 7, { files, options }: { files: string[]; options: object }): Promise<Done> {
    const home = version === 5 ? this.folder : ROOT
    this.write('tsconfig.json', JSON.stringify({ compilerOptions: { ...STRICT, ...options }, files }))
    return this.run([join(home, 'node_modules', 'typescript', 'bin', 'tsc')])
  }

  async remove(): Promise<void> {
    await Promise.all([...this.#started].map((running) => this.end(running)))
    rmSync(this.folder, { recursive: true, force: true })
  }

  #world(): Record<string, string> {
    return { PATH: process.env.PATH ?? '', HOME: this.folder, TMPDIR: this.folder, LANG: 'C.UTF-8' }
  }

  async #pack(): Promise<Packed> {
    const answer = await this.#npm(['pack', ROOT, '--json', '--ignore-scripts', '--pack-destination', this.folder])
    const [packed] = JSON.parse(answer) as { filename: string; unpackedSize: number; files: { path: string }[] }[]
    if (packed === undefined) throw new Error('npm packed nothing')
    const { filename, unpackedSize, files } = packed
    return { file: this.path(filename), unpackedSize, paths: files.map(({ path }) => path) }
  }

  async #npm(args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await call('npm', args, { cwd: this.folder, env: process.env })
    if (code !== 0) throw new Error(`npm ${args.join(' ')} ended with ${code}:\n${stderr}`)
    return stdout
  }
}

interface World {
  cwd: string
  env: NodeJS.ProcessEnv
}

function call(command: string, args: readonly string[], world: World): Promise<Done> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { ...world, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error)
      else resolve({ code: Number(error?.code ?? 0), stdout, stderr })
    })
  })
}
