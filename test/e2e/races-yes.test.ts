import { test } from 'vitest'
import { survivesYes } from '../support/yes.ts'

test(
  "`yes ''` for five seconds: memory stays flat, a cancel passes it by, every line is there or named",
  {
    timeout: 240_000,
  },
  () => survivesYes(5),
)
