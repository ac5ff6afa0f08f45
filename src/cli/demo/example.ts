import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** How an example says it ends. */
const OUTCOMES = ['success', 'failure', 'canceled', 'skipped'] as const
export type Expected = (typeof OUTCOMES)[number]

/** One workflow file of `examples/workflows`, and what its own comments promise of it. */
export interface Example {
  file: string
  text: string
  /** `# expect: OUTCOME` */
  expect: Expected
  /** `# expect-lines: N`: so many lines of output, complete. */
  lines: number | null
  /** `# cancel: at the first line` */
  cancelAtFirstLine: boolean
}

/** Reads every example of a folder, in the order of their names. */
export function readExamples(folder: string): Example[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
  return files.sort().map((file) => parseExample(file, readFileSync(join(folder, file), 'utf8')))
}

/** Throws if the file does not say what it expects: an example nobody checks would prove nothing. */
export function parseExample(file: string, text: string): Example {
  const expect = OUTCOMES.find((outcome) => outcome === comment(text, 'expect'))
  if (!expect) throw new Error(`${file} must say "# expect:" and one of ${OUTCOMES.join(', ')}`)
  const lines = comment(text, 'expect-lines')
  const cancel = comment(text, 'cancel')
  if (cancel !== undefined && cancel !== 'at the first line') {
    throw new Error(`${file}: "# cancel:" can only be "at the first line"`)
  }
  return {
    file,
    text,
    expect,
    lines: lines === undefined ? null : Number(lines),
    cancelAtFirstLine: cancel !== undefined,
  }
}

function comment(text: string, key: string): string | undefined {
  return new RegExp(`^# ${key}: *(.*?) *$`, 'm').exec(text)?.[1]
}
