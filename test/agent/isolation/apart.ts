import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { type Isolation, type IsolationOptions, isolate } from '../../../src/agent/isolation/isolation.ts'
import { localBackend } from '../../../src/agent/local/index.ts'
import { endProcess, processesIn } from '../../support/proc.ts'
import { RecordingJob, type RecordingJobOptions } from '../../support/recording-job.ts'
import { waitUntil } from '../../support/wait-until.ts'

/** The means, as flags name them. */
export type How = 'run-as' | 'sandbox'

/** Numbers that nobody has. Each test takes those that no other has right now. */
const USERS = ['60706-61183']
const PATH = process.env.PATH ?? '/usr/bin:/bin'

/** A backend that keeps steps apart, two workflows at a time. After each case no process and no folder of it may be left. */
export class Apart {
  readonly how: How
  /** Everybody may pass through. */
  root = ''
  /** A folder beside the root, open to everybody. */
  scratch = ''
  #isolation: Isolation | undefined

  constructor(how: How) {
    this.how = how
    beforeEach(async () => {
      this.root = await mkdtemp(join(tmpdir(), 'apart-root-'))
      this.scratch = await mkdtemp(join(tmpdir(), 'apart-scratch-'))
      await chmod(this.root, 0o711)
      await chmod(this.scratch, 0o755)
    })
    afterEach(async () => {
      await this.close()
      const left = { folders: await readdir(this.root), processes: processesIn(this.root) }
      for (const { pid } of left.processes) endProcess(pid)
      for (const folder of [this.root, this.scratch]) await rm(folder, { recursive: true, force: true })
      expect(left).toEqual({ folders: [], processes: [] })
    })
  }

  async open(options: Partial<IsolationOptions> = {}): Promise<Isolation> {
    const means = this.how === 'run-as' ? { runAs: USERS } : { sandbox: true }
    this.#isolation = await isolate({ capacity: 2, root: this.root, ...means, ...options })
    return this.#isolation
  }

  async close(): Promise<void> {
    await this.#isolation?.close()
    this.#isolation = undefined
  }

  job(options: RecordingJobOptions): RecordingJob {
    return new RecordingJob(options)
  }

  /** Runs the job to its end. */
  async run(job: RecordingJob): Promise<RecordingJob> {
    const isolation = this.#isolation ?? (await this.open())
    await localBackend({ baseEnv: { PATH }, isolation })(job)
    return job
  }

  /** One step of these commands, run to its end. A command that fails does not end it. */
  async commands(...commands: string[]): Promise<RecordingJob> {
    return this.run(this.job({ steps: [{ name: 'a', commands: ['set +e', ...commands] }] }))
  }

  /** What a step that runs until `gate` is there prints first; `ended` resolves after its end. */
  async beside(...commands: string[]): Promise<{ said: string[]; ended: Promise<RecordingJob>; job: RecordingJob }> {
    const job = this.job({ steps: [{ name: 'a', commands: [...commands, 'echo ready; sleep 600'] }] })
    const ended = this.run(job)
    await waitUntil(() => job.text('a', 'out').endsWith('ready\n'), { limitMs: 60_000, what: 'the other workflow' })
    return { said: job.text('a', 'out').split('\n'), ended, job }
  }
}
