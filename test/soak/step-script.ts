import type { PlannedStep } from './plan.ts'

/**
 * What every step runs. It prints numbered lines, and appends to a file of its own what it does: one write for each record,
 * with O_APPEND, so that the order in the file is the order in which it happened, whoever wrote it.
 */
export const STEP_SCRIPT = `
file=$1 name=$2 step=$3 lines=$4 beats=$5 code=$6 stream=$7 stubborn=$8
note() {
  read -r now rest </proc/uptime
  echo "$name $DRUMLINE_ATTEMPT $step $SOAK_AGENT $$ $now $1 $2" >>"$file"
}
if [ "$stubborn" = true ]; then trap '' TERM HUP PIPE; fi
if [ "$stream" = err ]; then exec >&2; fi
note start 0
line=0 beat=0
while [ "$beat" -lt "$beats" ]; do
  beat=$((beat + 1))
  upto=$((lines * beat / beats))
  while [ "$line" -lt "$upto" ]; do
    line=$((line + 1))
    echo "$line $name $step $DRUMLINE_ATTEMPT"
  done
  note beat "$line"
  sleep 0.2
done
note end "$line"
exit "$code"
`

/** The variable that tells a step which agent runs it. */
export const AGENT_VARIABLE = 'SOAK_AGENT'

/** One line, so that its echo is one line of the log. */
export function command(script: string, file: string, workflow: string, step: PlannedStep): string {
  const { name, lines, beats, code, stream, stubborn } = step
  return ['sh', script, file, workflow, name, lines, beats, code, stream, stubborn].join(' ')
}

/** What a step prints as its n-th line. */
export function printed(n: number, workflow: string, step: string, attempt: number): string {
  return `${n} ${workflow} ${step} ${attempt}`
}

/** One line that a step wrote down about itself. */
export interface StepRecord {
  workflow: string
  attempt: number
  step: string
  agent: string
  pid: number
  /** Seconds since this machine was started. */
  at: number
  what: 'start' | 'beat' | 'end'
  /** Lines that it had printed by then. */
  lines: number
}

/** A lane's file, in the order in which it was written. What is no record is kept as such: nothing else writes there. */
export function readRecords(text: string): { records: StepRecord[]; rubbish: string[] } {
  const records: StepRecord[] = []
  const rubbish: string[] = []
  for (const line of text.split('\n').filter(Boolean)) {
    const fields = RECORD.exec(line)
    if (fields === null) rubbish.push(line)
    else records.push(recordOf(fields))
  }
  return { records, rubbish }
}

const RECORD = /^(\S+) (\d+) (\S+) (\S+) (\d+) ([\d.]+) (start|beat|end) (\d+)$/

function recordOf([, workflow = '', attempt, step = '', agent = '', pid, at, what, lines]: string[]): StepRecord {
  return {
    workflow,
    attempt: Number(attempt),
    step,
    agent,
    pid: Number(pid),
    at: Number(at),
    what: what as StepRecord['what'],
    lines: Number(lines),
  }
}
