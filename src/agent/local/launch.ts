import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { readStat } from '../../host/index.ts'
import type { Cell } from '../isolation/cell.ts'
import { identity } from '../isolation/run-as.ts'
import type { Sandbox, SandboxPlace } from '../isolation/sandbox.ts'
import { SANDBOX_MARK } from '../isolation/sandbox-mark.ts'
import { ProcessGroup } from './process-group.ts'
import { within } from './within.ts'

/** A step's program, and where it runs. */
export interface Program extends SandboxPlace {
  readonly path: string
  readonly args: readonly string[]
  /** The attempt's folder. */
  readonly root: string
  readonly stdio: ['ignore', number, number]
  /** Told of each process group as soon as there is one. */
  readonly onGroup: (group: number) => void
}

export interface Launched {
  /** The exit code, 128 + n for signal n. Rejects if the program could not be started. */
  readonly exit: Promise<number>
  /** The step's processes. None if they never were. */
  readonly group: ProcessGroup | undefined
}

/** The descriptors by which `bwrap` is told what to do, and tells. */
const [ORDERS, NEWS] = [3, 4]
/** The first pause between two looks; each is twice the one before, up to the last. */
const [LOOK_MS, LAST_LOOK_MS] = [2, 50]
/** What is told comes before the end, however late it is read. */
const NEWS_MS = 5_000

/** Starts a step's program in its cell, as a group of its own. Resolves when the group stands. */
export async function launch(program: Program, { user, sandbox }: Cell): Promise<Launched> {
  const ids = identity(user)
  if (sandbox !== undefined) return launchInside(sandbox, program, ids)
  const { path, args, directory, env, stdio } = program
  const child = spawn(path, args, { ...ids, cwd: directory, env, stdio, detached: true })
  return { exit: exitOf(child), group: groupOf(child.pid, program) }
}

/**
 * Outside stands a `bwrap` that waits for the step's end, in a group of its own; inside another, which leads the step's group
 * and is process 1 to it: asked to end it stays, killed it takes everything inside along, and it is gone when they are.
 */
async function launchInside(sandbox: Sandbox, program: Program, ids: ReturnType<typeof identity>): Promise<Launched> {
  const { path, args, root, stdio } = program
  const child = spawn(sandbox.bwrap, ['--args', String(ORDERS), '--info-fd', String(NEWS), '--', path, ...args], {
    ...ids,
    cwd: '/',
    // The step's own variables are nobody's but the step's, and are in no list of arguments.
    env: { [SANDBOX_MARK]: root },
    stdio: [...stdio, 'pipe', 'pipe'],
    detached: true,
  })
  const exit = exitOf(child)
  groupOf(child.pid, program)
  const orders = child.stdio[ORDERS] as Writable
  // Its end says it all.
  orders.on('error', () => {})
  orders.end(
    sandbox
      .arguments(program)
      .map((word) => `${word}\0`)
      .join(''),
  )
  const leader = leaderIn(child.stdio[NEWS] as Readable)
  await Promise.race([leader, exit])
  return { exit, group: (await within(leader, NEWS_MS)) ? groupOf(await leader, program) : undefined }
}

/** The process that leads the step's group, once it does, and has somebody to lead. */
async function leaderIn(news: Readable): Promise<number | undefined> {
  const told = /"child-pid": (\d+)/.exec(await text(news).catch(() => ''))?.[1]
  if (told === undefined) return undefined
  for (let pause = LOOK_MS; ; pause = Math.min(2 * pause, LAST_LOOK_MS)) {
    const stat = await readStat(told)
    if (stat === undefined || stat.dead) return undefined
    if (stat.group === Number(told) && (await hasChild(told))) return stat.group
    await sleep(pause)
  }
}

/** Where the system does not tell, yes. */
async function hasChild(id: string): Promise<boolean> {
  return (await readFile(`/proc/${id}/task/${id}/children`, 'latin1').catch(() => 'unknown')) !== ''
}

function groupOf(leader: number | undefined, { onGroup }: Program): ProcessGroup | undefined {
  if (leader === undefined) return undefined
  onGroup(leader)
  return new ProcessGroup(leader)
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  })
}
