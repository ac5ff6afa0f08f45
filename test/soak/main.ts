import { commandOf, readOptions, type SoakOptions, USAGE } from './options.ts'
import { reportOf } from './report.ts'
import { type Progress, soak } from './soak.ts'

/** The command: answers its exit code. `stop` ends the harm early; what was done until then is checked all the same. */
export async function main(args: string[], stop: AbortSignal, say: (line: string) => void): Promise<number> {
  let options: SoakOptions
  try {
    options = readOptions(args)
  } catch (error) {
    say(`${error instanceof Error ? error.message : error}\n${USAGE}`)
    return 2
  }
  say(commandOf(options))
  const started = performance.now()
  const outcome = await soak({ ...options, stop, progress: (progress) => say(lineOf(started, progress)) })
  say(reportOf(options, outcome))
  return outcome.violations.length === 0 ? 0 : 1
}

function lineOf(started: number, { submitted, ended, faults, violations }: Progress): string {
  const seconds = Math.round((performance.now() - started) / 1_000)
  const clock = `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`
  return `${clock}  ${submitted} submitted, ${ended} ended, ${faults} faults, ${violations} violations seen so far`
}
