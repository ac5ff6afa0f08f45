import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CRASH_POINTS, crashAt } from '../../src/protocol/index.ts'

const source = (): string =>
  readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('crash-points.ts'))
    .map((name) => readFileSync(join('src', name), 'utf8'))
    .join('\n')

describe('a crash point', () => {
  test('ends the process the n-th time it is reached, and only then', () => {
    const deaths: number[] = []
    let passed = 0
    const probe = crashAt('agent.done.answered:3', () => void deaths.push(passed))
    for (passed = 1; passed <= 5; passed++) {
      probe('agent.init.answered')
      probe('agent.done.answered')
    }
    expect(deaths).toEqual([3])
  })

  test('that there is not is refused', () => {
    for (const where of ['agent.done.answerd', 'toString', '', 'agent.done.answered:0', 'agent.done.answered:x']) {
      expect(() => crashAt(where, () => {})).toThrow(TypeError)
    }
  })

  test('in the table is a place in the code', () => {
    const code = source()
    expect(Object.keys(CRASH_POINTS).filter((point) => !code.includes(`'${point}'`))).toEqual([])
  })
})
