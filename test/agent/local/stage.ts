import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { type LocalOptions, localBackend } from '../../../src/agent/local/index.ts'
import { RecordingJob, type RecordingJobOptions } from '../../support/recording-job.ts'

const SEARCH_PATH = process.env.PATH ?? '/usr/bin:/bin'

/** A backend on a root of its own. After each case no process and no folder of it may be left. */
export class LocalStage {
  root = ''

  constructor() {
    beforeEach(async () => {
      this.root = await mkdtemp(join(tmpdir(), 'local-stage-'))
    })
    afterEach(async () => {
      const folders = await readdir(this.root)
      const processes = await this.processes()
      for (const { id } of processes) process.kill(id, 'SIGKILL')
      await rm(this.root, { recursive: true, force: true })
      expect({ folders, processes }).toEqual({ folders: [], processes: [] })
    })
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

  /** Living processes of any step of this stage: each has its HOME under the root. */
  async processes(): Promise<{ id: number; command: string }[]> {
    const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
    const found = await Promise.all(ids.map((id) => this.#member(id)))
    return found.filter((process) => process !== undefined)
  }

  async #member(id: string): Promise<{ id: number; command: string } | undefined> {
    const read = (file: string) => readFile(`/proc/${id}/${file}`, 'latin1').catch(() => '')
    const environment = await read('environ')
    if (!environment.includes(`HOME=${this.root}/`)) return undefined
    return { id: Number(id), command: (await read('cmdline')).replaceAll('\0', ' ') }
  }
}
