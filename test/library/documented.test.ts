import { describe, expect, test } from 'vitest'
import { fakeTree } from '../architecture/sources.ts'
import { ENTRIES } from './entries.ts'
import { leaks } from './leaks.ts'
import { undocumented } from './members.ts'
import { surfaceOf } from './surface.ts'

const entries = Object.entries(ENTRIES)

/** What a module of a test exports. */
const exportsOf = (text: string) => surfaceOf(fakeTree({ 'src/a.ts': text, 'src/b.ts': B }), 'src/a.ts')
const B = '/** B. */\nexport interface B {\n  /** Is there. */\n  here: boolean\n}\nexport const loud = 1\n'

describe('everything that can be imported is documented', () => {
  test.each(entries)('%s', (_, surface) => {
    expect(surface.length).toBeGreaterThan(5)
    expect(undocumented(surface)).toEqual([])
  })

  test.each([
    ['a function', 'export function f() {}'],
    ['a type', 'export type A = string'],
    ['what another file declares', "export { loud } from './b.ts'"],
    ['all of another file', "export * from './b.ts'"],
    ['an option', '/** A. */\nexport interface A { url: string }'],
    ['a method', '/** A. */\nexport class A { run() {} }'],
    ['a row of a table', '/** A. */\nexport const A = { row: 1 } as const'],
    ['a field of a schema', '/** A. */\nexport const A = z.strictObject({ id: z.string() })'],
    ['what a plain comment stands before', '// A.\nexport const A = 1'],
  ])('and %s that is not would be seen', (_, text) => {
    expect(undocumented(exportsOf(text))).toHaveLength(1)
  })

  test.each([
    [
      'a schema whose type shares its name',
      '/** A. */\nexport const A = z.string()\nexport type A = z.infer<typeof A>',
    ],
    ['a field described to the schema', "/** A. */\nexport const A = z.object({ id: z.string().describe('Of A.') })"],
    ['private members', '/** A. */\nexport class A { #x = 1\n private y = 2\n constructor() {} }'],
    [
      'what an interface has promised',
      "export type { B } from './b.ts'\n/** A. */\nexport class A implements B { here = true }",
    ],
  ])('while %s is content', (_, text) => {
    expect(undocumented(exportsOf(text))).toEqual([])
  })
})

describe('no signature names a type that nobody can import', () => {
  test.each(entries)('%s', (_, surface) => {
    expect(leaks(surface, ENTRIES['drumline/protocol'])).toEqual([])
  })

  test.each([
    ['a parameter', 'export function f(a: Hidden) {}'],
    ['a result', 'export const f = (): Promise<Hidden> => g()'],
    ['an option', 'export interface A { b?: readonly Hidden[] }'],
    ['a bound', 'export interface A { f<T extends Hidden>(t: T): void }'],
  ])('%s would be seen', (_, text) => {
    expect(leaks(exportsOf(text))).toEqual([expect.stringContaining('names Hidden')])
  })

  test('what happens inside is nobody’s business', () => {
    const text = 'export class A { #a: Hidden\n run(): void { const b: Hidden = c } }\nexport type B<T> = T[]'
    expect(leaks(exportsOf(text))).toEqual([])
  })
})
