import { test } from 'vitest'
import { manyLines } from '../support/many-lines.ts'

test('a hundred thousand lines arrive complete and in order, the server within 20 MB', { timeout: 90_000 }, () =>
  manyLines(100_000),
)
