import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Port } from '../../../src/protocol/index.ts'
import { busUrl, DialError, type DialOptions, dial } from '../../../src/socket/index.ts'
import type { Running } from '../running.ts'
import type { Stage } from '../stage.ts'
import { waitUntil } from '../wait-until.ts'

/** A busy machine starts a process slowly. */
const START_MS = 120_000

/** A server that dies again and again, over the same data; each life is a process with a port of its own. */
export class MortalServer {
  readonly #stage: Stage
  readonly #lives: Running[] = []

  constructor(stage: Stage) {
    this.#stage = stage
  }

  get data(): string {
    return join(this.#stage.folder, 'drumline-data')
  }

  get adminToken(): string {
    return readFileSync(join(this.data, 'admin-token'), 'utf8').trim()
  }

  /** Starts it, to die at a place if one is named. Resolves when it listens or has died. */
  async start(flags: readonly string[], where?: string): Promise<Running> {
    const env = where === undefined ? {} : { DRUMLINE_TEST_CRASH: where }
    const life = this.#stage.start(['serve', '--listen', '127.0.0.1:0', '--data', this.data, ...flags], env)
    this.#lives.push(life)
    await waitUntil(() => life.ended !== undefined || urlOf(life) !== undefined, {
      limitMs: START_MS,
      what: `a server that dies at ${where}`,
    })
    return life
  }

  /** Dials whatever process the server is just now. Never somebody else, who may have its old port by now. */
  readonly dial = async (options: DialOptions): Promise<Port> => {
    const url = urlOf(this.process)
    if (url === undefined || this.process.ended !== undefined) throw new DialError('the server is down')
    return dial(busUrl(url), options)
  }

  /** Its latest life. */
  get process(): Running {
    const life = this.#lives.at(-1)
    if (life === undefined) throw new Error('it has not been started')
    return life
  }

  /** What all its lives have said that is worse than news. */
  complaints(): string[] {
    const lines = this.#lives.flatMap((life) => life.stderr().split('\n'))
    return lines.filter((line) => line !== '' && !isNews(line))
  }
}

function urlOf(life: Running): string | undefined {
  return /^listening on (http:\S+)\n/.exec(life.stdout())?.[1]
}

/** A line of the log below a warning, or one of the warnings that belong to a restart or to a requeue of what runs. */
function isNews(line: string): boolean {
  if (line.startsWith('drumline: --test-timings')) return true
  const { level, msg } = readLine(line)
  return level < 40 || /^the server was away|^an agent claims leases that are given up/.test(msg)
}

function readLine(line: string): { level: number; msg: string } {
  try {
    return JSON.parse(line) as { level: number; msg: string }
  } catch {
    return { level: 60, msg: line }
  }
}
