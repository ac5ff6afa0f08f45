import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { type LocalOptions, localBackend } from '../../../src/agent/local/index.ts'
import { endProcess, processesIn } from '../../support/proc.ts'
import { RecordingJob, type RecordingJobOptions } from '../../support/recording-job.ts'

const SEARCH_PATH = process.env.PATH ?? '/usr/bin:/bin'

/** A backend on a root of its own. After each case no process and no folder of it may be left. */
export class LocalStage {
  root = ''
  /** A folder beside the root for what a case brings along. */
  scratch = ''

  constructor() {
    beforeEach(async () => {
      this.root = await mkdtemp(join(tmpdir(), 'local-stage-'))
      this.scratch = await mkdtemp(join(tmpdir(), 'local-scratch-'))
    })
    afterEach(async () => {
      const left = await this.takeDown()
      expect(left).toEqual({ folders: [], processes: [] })
    })
  }

  /** Removes and ends whatever is left, and says what it was. */
  async takeDown(): Promise<{ folders: string[]; processes: string[] }> {
    const processes = await this.processes()
    const folders = await readdir(this.root).catch(() => [])
    for (const { id } of processes) endProcess(id)
    await rm(this.root, { recursive: true, force: true })
    await rm(this.scratch, { recursive: true, force: true })
    return { folders, processes: processes.map(({ command }) => command) }
  }

  job(options: RecordingJobOptions): RecordingJob {
    return new RecordingJob(options)
  }

  /** Runs the job to its end. */
  async run(job: RecordingJob, options: Partial<LocalOptions> = {}): Promise<RecordingJob> {
    await localBackend({ baseEnv: { PATH: SEARCH_PATH }, root: this.root, ...options })(job)
    return job
  }

  /** One step of these commands, run to its end. */
  commands(...commands: string[]): Promise<RecordingJob> {
    return this.run(this.job({ steps: [{ name: 'a', commands }] }))
  }

  /** Living processes of any step of this stage. */
  async processes(): Promise<{ id: number; command: string }[]> {
    return processesIn(this.root).map(({ pid, command }) => ({ id: pid, command }))
  }
}
