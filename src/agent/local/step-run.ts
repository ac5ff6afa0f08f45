import { systemClock } from '../../protocol/index.ts'
import { durationText } from '../duration.ts'
import type { Cell } from '../isolation/cell.ts'
import type { Job, JobStep, StepEnd } from '../run.ts'
import { stepEnvironment, type Variables } from './environment.ts'
import { type Launched, launch } from './launch.ts'
import { Output } from './output.ts'
import { type Prepared, prepare, Refusal } from './prepare.ts'
import type { ProcessGroup } from './process-group.ts'
import { DEFAULT_PATH } from './shell.ts'
import { within } from './within.ts'
import type { Workspace } from './workspace.ts'

/** How long output is read on that a process left behind holds open. */
const HELD_MS = 2_000
/** How long the kernel may take to end a killed group. */
const KILLED_MS = 5_000

export interface StepRunOptions {
  readonly job: Job
  readonly step: JobStep
  /** The step's place among its workflow's. */
  readonly index: number
  readonly workspace: Workspace
  readonly cell: Cell
  readonly baseEnv: Variables
  readonly passEnv: readonly string[]
}

/** What a stopped step is said to have ended as. */
export type StoppedAs = Pick<StepEnd, 'state' | 'error'>

/** One step as a process group: from its script to the end of its last process. */
export class StepRun {
  readonly #options: StepRunOptions
  #group: ProcessGroup | undefined
  #stopped: { as: StoppedAs; graceMs: number; killAt: number } | undefined
  /** Set once the grace was not enough. */
  #killed: string | undefined
  readonly #timers: (() => void)[] = []

  constructor(options: StepRunOptions) {
    this.#options = options
  }

  /** Resolves when no process of the step's group is left. */
  async run(): Promise<StepEnd> {
    try {
      return await this.#start(await this.#prepare())
    } catch (error) {
      const { message, exitCode } = refusalOf(error)
      this.#say(message)
      return { state: 'failure', exitCode, error: message }
    } finally {
      for (const clear of this.#timers) clear()
    }
  }

  /** SIGTERM to the group now, SIGKILL after the grace. The first call decides how the step is said to have ended. */
  stop(as: StoppedAs, graceMs: number): void {
    if (this.#stopped !== undefined) return
    this.#stopped = { as, graceMs, killAt: performance.now() + graceMs }
    this.#ask()
  }

  #ask(): void {
    if (this.#group === undefined || this.#stopped === undefined) return
    this.#group.signal('SIGTERM')
    // One that was stopped could not even die of it.
    this.#group.signal('SIGCONT')
    const left = Math.max(0, this.#stopped.killAt - performance.now())
    this.#timers.push(systemClock.after(left, () => this.#kill()))
  }

  #prepare(): Promise<Prepared> {
    const { step, index, workspace, cell, baseEnv, job } = this.#options
    const all = baseEnv.PATH ?? DEFAULT_PATH
    const searchPath = cell.sandbox?.searchPath(all) ?? all
    return prepare({ spec: step.spec, index, workspace, searchPath, secrets: job.secrets })
  }

  async #start(prepared: Prepared): Promise<StepEnd> {
    if (this.#stopped !== undefined) return this.#stopped.as
    const { job, step } = this.#options
    const output = new Output({
      ...prepared,
      secrets: job.secrets,
      write: (kind, text) => step.write(kind, text),
    })
    try {
      const { exit, group } = await this.#launch(prepared, output)
      this.#group = group
      this.#ask()
      const clear = this.#limit()
      const exitCode = await exit.finally(clear)
      const end = this.#endOf(exitCode)
      output.release()
      await this.#sweep(output)
      return end
    } finally {
      output.end()
    }
  }

  #launch({ shell, script, folder, directory }: Prepared, { stdio }: Output): Promise<Launched> {
    const { job, step, workspace, cell, baseEnv, passEnv } = this.#options
    const { root, home, tmp, commonTmp } = workspace
    const place = { root, home, tmp, commonTmp, workspace: workspace.workspace, directory }
    const { offer, secrets } = job
    const env = stepEnvironment({ base: baseEnv, passed: passEnv, place, offer, secrets, step: step.spec })
    const onGroup = (group: number) => job.leaves({ group })
    const program = { ...place, step: folder, path: shell.path, args: shell.args(script), env, stdio, onGroup }
    return launch(program, cell)
  }

  /** Starts the step's own timeout; the answer clears it. */
  #limit(): () => void {
    const { step, job } = this.#options
    const { timeoutMs } = step.spec
    if (timeoutMs === undefined) return () => {}
    return systemClock.after(timeoutMs, () => {
      const error = `timed out after ${durationText(timeoutMs)}`
      this.#say(error)
      this.stop({ state: 'failure', error }, job.offer.workflow.graceMs)
    })
  }

  /** Called when the leader has exited: what stopped it before that decides, else its exit code. */
  #endOf(exitCode: number): StepEnd {
    if (this.#stopped !== undefined) {
      const { as } = this.#stopped
      const error = [as.error, this.#killed].filter(Boolean).join('; ')
      return error === '' ? { ...as, exitCode } : { ...as, exitCode, error }
    }
    return { state: exitCode === 0 ? 'success' : 'failure', exitCode }
  }

  /** The leader is gone: reads on what others of its group still write, for a while, and ends them. */
  async #sweep(output: Output): Promise<void> {
    const group = this.#group
    if (group === undefined) return
    const closed = await within(output.closed, HELD_MS)
    if (this.#stopped !== undefined) {
      // Others may still be putting things in order: the grace is theirs too.
      await group.emptied(Math.max(0, this.#stopped.killAt - performance.now()))
    } else if (!closed) {
      this.#say(
        `its output is still held ${durationText(HELD_MS)} after its end by a process it left behind; no longer read`,
      )
    }
    if (group.signal('SIGKILL')) await group.emptied(KILLED_MS)
  }

  #kill(): void {
    if (!this.#group?.signal('SIGKILL')) return
    this.#killed = `did not end within ${durationText(this.#stopped?.graceMs ?? 0)}; killed`
    this.#say(this.#killed)
  }

  #say(text: string): void {
    this.#options.step.write('system', text)
  }
}

/** Anything but a refusal is the machine's: a full disk, say, or a program that the system cannot start. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  return new Refusal(`the agent could not run this step: ${error instanceof Error ? error.message : error}`, null)
}
