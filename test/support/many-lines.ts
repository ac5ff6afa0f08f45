import { writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import { onStage } from './on-stage.ts'
import { residentBytes } from './proc.ts'

const FIRST = 20_000
const MOST_GROWTH = 20 * 1024 * 1024
const line = (number: number) => `line ${number} of a long log, as builds write them`

const yaml = (gate: string, lines: number) => `
name: many lines
steps:
  - name: count
    commands:
      - seq -f 'line %.0f of a long log, as builds write them' 1 ${FIRST}
      - until [ -e ${gate} ]; do sleep 0.05; done
      - seq -f 'line %.0f of a long log, as builds write them' ${FIRST + 1} ${lines}
`

/** Prints so many lines in one step; the server is weighed after the first 20,000 and after the last. */
export function manyLines(lines: number): Promise<void> {
  return onStage(async (stage) => {
    await stage.serve()
    await stage.agent({ name: 'loud' })
    const gate = stage.path('gate')
    const id = await stage.submit(yaml(gate, lines))

    await stage.watch.until(id, ({ steps }) => (steps[0]?.lines ?? 0) >= FIRST, { what: 'the first lines' })
    const before = residentBytes(stage.server.process.pid)
    writeFileSync(gate, '')
    const ended = await stage.watch.ended(id, 60_000)
    const growth = residentBytes(stage.server.process.pid) - before

    expect(ended).toMatchObject({ state: 'success', attempt: 1, logs: 'complete' })
    const { stdout, code } = await stage.run(['logs', id])
    expect(code).toBe(0)
    expect(firstDifference(stdout, lines)).toBe('none')
    expect(growth).toBeLessThan(MOST_GROWTH)
  })
}

/** Where the text departs from the lines that were printed; comparing two texts of megabytes would print both. */
function firstDifference(text: string, lines: number): string {
  const got = text.split('\n')
  for (let at = 0; at < lines; at++) {
    if (got[at] !== line(at + 1)) return `line ${at + 1} is ${JSON.stringify(got[at])}`
  }
  return got.length === lines + 1 && got[lines] === '' ? 'none' : `${got.length - lines - 1} lines too many`
}
