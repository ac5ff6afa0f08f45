import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FAULTS } from '../../src/doctor/faults.ts'

const PAGE = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'operations.md'), 'utf8')
const [, SECTION = ''] = /^## When an agent does not connect$(.*?)^## /ms.exec(PAGE) ?? []

/** The names in the last column of the table, by check. */
function documented(): [check: string, codes: string[]][] {
  const rows = [...SECTION.matchAll(/^\| `(\w+)` \|.*\|(.*)\|$/gm)]
  return rows.map(([, check = '', codes = '']) => [check, [...codes.matchAll(/`(\w+)`/g)].map(([, code = '']) => code)])
}

test('docs/operations.md names every check in its order, and every fault', () => {
  const known = Object.entries(FAULTS).map(([check, { failed, warning }]) => [check, [...failed, ...warning]])
  expect(documented()).toEqual(known)
})
