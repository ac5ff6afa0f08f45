import { crashAt, noProbe, type Probe } from '../../protocol/index.ts'

/** The probe of this thread: ends the whole process at the named place as SIGKILL would. Throws like `crashAt`. */
export function crashProbe(where: string | undefined): Probe {
  return where === undefined ? noProbe : crashAt(where, () => process.kill(process.pid, 'SIGKILL'))
}
