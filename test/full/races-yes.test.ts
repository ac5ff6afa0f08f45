import { test } from 'vitest'
import { survivesYes } from '../support/yes.ts'

test(
  "`yes ''` for a minute: memory stays flat, a cancel passes it by, every line is there or named",
  {
    timeout: 1_500_000,
  },
  () => survivesYes(60),
)
