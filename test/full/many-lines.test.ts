import { test } from 'vitest'
import { manyLines } from '../support/many-lines.ts'

test('two hundred thousand lines arrive complete and in order, the server within 20 MB', { timeout: 180_000 }, () =>
  manyLines(200_000),
)
