import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cycles } from './architecture/cycles.ts'
import { misplacedPackages, worldOutsideCli } from './architecture/homes.ts'
import { nodeOnThePage, strays, wrongArrows, wrongDoors } from './architecture/rooms.ts'
import { longFiles, longFunctions } from './architecture/sizes.ts'
import { fakeTree, readTree, type Source } from './architecture/sources.ts'
import { typesGivenUp } from './architecture/types.ts'

const root = join(import.meta.dirname, '..')
const read = (folder: string) => (existsSync(join(root, folder)) ? readTree(root, folder) : [])
const src = read('src')
const all = [...src, ...read('test')]

type Rule = (sources: Source[]) => string[]
type Tree = Record<string, string>

const lines = (count: number, line = 'f()') => Array(count).fill(line).join('\n')

const rules: { name: string; rule: Rule; on: Source[]; broken: Record<string, Tree> }[] = [
  {
    name: 'every file stands in a room and imports files that exist',
    rule: strays,
    on: src,
    broken: {
      'no room': { 'src/loose.ts': '' },
      'an unknown room': { 'src/utils/a.ts': '' },
      'a missing file': { 'src/agent/a.ts': "import './b.ts'" },
      'a .js name': { 'src/agent/a.ts': "import './b.js'", 'src/agent/b.ts': '' },
      'a computed import': { 'src/agent/a.ts': 'export const a = (name: string) => import(name)' },
    },
  },
  {
    name: 'rooms import only the rooms they may',
    rule: wrongArrows,
    on: src,
    broken: {
      'server to agent': { 'src/server/a.ts': "import { a } from '../agent/index.ts'" },
      'agent to server, a type': { 'src/agent/a.ts': "import type { A } from '../server/index.ts'" },
      'agent to server, a type in place': { 'src/agent/a.ts': "type A = import('../server/index.ts').A" },
      'client to workflow, handed on': { 'src/client/a.ts': "export * from '../workflow/index.ts'" },
      'cli to socket': { 'src/cli/a.ts': "const a = await import('../socket/index.ts')" },
      'dashboard to server': { 'src/dashboard/a.tsx': "import '../server/index.ts'" },
      'protocol to socket': { 'src/protocol/a.ts': "import '../socket/index.ts'" },
      'out of src': { 'src/cli/a.ts': "import '../../test/support/tools.ts'" },
    },
  },
  {
    name: 'rooms are entered by their index.ts',
    rule: wrongDoors,
    on: src,
    broken: {
      'by a file inside': { 'src/agent/a.ts': "import '../protocol/frames.ts'" },
      'by an index further in': { 'src/agent/a.ts': "import '../protocol/methods/index.ts'" },
      'by the side door, from the page': { 'src/dashboard/a.ts': "import '../client/node.ts'" },
    },
  },
  {
    name: 'no files import each other in a ring',
    rule: cycles,
    on: src,
    broken: {
      'a pair, one by type': {
        'src/agent/a.ts': "import './b.ts'",
        'src/agent/b.ts': "import type { A } from './a.ts'",
      },
      'three, entered from outside': {
        'src/agent/0.ts': "import './a.ts'",
        'src/agent/a.ts': "export * from './b.ts'",
        'src/agent/b.ts': "import './c.ts'",
        'src/agent/c.ts': "const a = import('./a.ts')",
      },
      itself: { 'src/agent/a.ts': "import './a.ts'" },
    },
  },
  {
    name: 'what the page loads needs no Node',
    rule: nodeOnThePage,
    on: src,
    broken: {
      'at one remove': { 'src/client/index.ts': "import './b.ts'", 'src/client/b.ts': "import 'node:fs'" },
      'the socket room': { 'src/dashboard/a.ts': "import '../socket/index.ts'", 'src/socket/index.ts': '' },
    },
  },
  {
    name: 'packages stay in the files that are named for them',
    rule: misplacedPackages,
    on: src,
    broken: {
      ws: { 'src/server/a.ts': "import type { WebSocket } from 'ws'" },
      libsql: { 'src/server/store/a.ts': "import Database from 'libsql'" },
      hono: { 'src/server/queue.ts': "import { cors } from 'hono/cors'" },
      'hono for node': { 'src/server/queue.ts': "import { serve } from '@hono/node-server'" },
      'node in the protocol': { 'src/protocol/a.ts': "import { Buffer } from 'node:buffer'" },
      'a package in the protocol': { 'src/protocol/a.ts': "import pino from 'pino'" },
      'process by import': { 'src/agent/a.ts': "import { env } from 'node:process'" },
    },
  },
  {
    name: 'only the command line touches the console, the environment, signals and exit',
    rule: worldOutsideCli,
    on: src,
    broken: {
      console: { 'src/agent/a.ts': "console.log('x')" },
      exit: { 'src/server/a.ts': 'process.exit(1)' },
      environment: { 'src/server/a.ts': 'export const home = process.env.HOME' },
      signals: { 'src/server/a.ts': "process.on('SIGTERM', stop)" },
      'process taken apart': { 'src/agent/a.ts': 'const { env } = process' },
      'process by computed name': { 'src/agent/a.ts': "process['env']" },
      'Buffer in the protocol': { 'src/protocol/a.ts': "Buffer.from('a')" },
    },
  },
  {
    name: 'files stay under 250 lines',
    rule: longFiles,
    on: all,
    broken: { 'one of 251': { 'src/agent/a.ts': `function a() {\n${lines(249)}\n}` } },
  },
  {
    name: 'functions stay under 50 lines',
    rule: longFunctions,
    on: all,
    broken: {
      'a function': { 'src/agent/a.ts': `function a() {\n${lines(49)}\n}` },
      'an arrow': { 'src/agent/a.ts': `const a = () => {\n${lines(49)}\n}` },
      'a method': { 'src/agent/a.ts': `class A {\n  a() {\n${lines(49)}\n  }\n}` },
      'a test': { 'test/a.test.ts': `describe('a', () => {\n  test('b', () => {\n${lines(49)}\n  })\n})` },
    },
  },
  {
    name: 'no types are given up',
    rule: typesGivenUp,
    on: all,
    broken: {
      'as any': { 'test/a.test.ts': 'const a = b as any' },
      'an any parameter': { 'src/agent/a.ts': 'function a(b: any) {}' },
      ignored: { 'test/a.test.ts': `// ${'@ts'}-ignore\nf()` },
      'an error expected in src': { 'src/agent/a.ts': `// ${'@ts'}-expect-error\nf()` },
    },
  },
]

const SOUND: Tree = {
  'src/protocol/index.ts': "import { z } from 'zod'\nexport * from './clock.ts'",
  'src/protocol/clock.ts': 'export const process2 = { process: 1, console: 2 }.process',
  'src/socket/index.ts':
    "import WebSocket from 'ws'\nimport { connect } from 'node:tls'\nimport '../protocol/index.ts'",
  'src/client/index.ts': "import '../protocol/index.ts'",
  'src/client/node.ts': "import '../socket/index.ts'\nexport * from './index.ts'",
  'src/agent/index.ts': "import '../socket/index.ts'\nprocess.kill(-1, 'SIGTERM')\nconst at = process.hrtime.bigint()",
  'src/workflow/index.ts': "import { parseDocument } from 'yaml'",
  'src/server/index.ts': "import '../workflow/index.ts'\nimport './http/app.ts'\nimport './store/sqlite/worker.ts'",
  'src/server/http/app.ts': "import { Hono } from 'hono'\nimport { serve } from '@hono/node-server'",
  'src/server/store/sqlite/worker.ts': "import Database from 'libsql'",
  'src/cli/main.ts':
    "import '../client/node.ts'\nimport '../server/index.ts'\nconsole.log(process.env)\nprocess.exit(2)",
  'src/protocol/table.ts': `export const table = [\n${lines(300, '  [1, (a: number) => a],')}\n]`,
  'src/protocol/a.generated.ts': `export function a() {\n${lines(300)}\n}`,
}

for (const { name, rule, on, broken } of rules) {
  describe(name, () => {
    test('holds', () => expect(rule(on)).toEqual([]))
    test.each(Object.entries(broken))('would see %s', (_, tree) => expect(rule(fakeTree(tree))).toHaveLength(1))
    test('is content with a sound tree', () => expect(rule(fakeTree(SOUND))).toEqual([]))
  })
}

test('a list of tests may be long, what stands in a room may not', () => {
  const list = `describe('a', () => {\n${lines(60, "  test('b', () => {})")}\n})`
  expect(longFunctions(fakeTree({ 'test/list.test.ts': list }))).toEqual([])
  expect(longFunctions(fakeTree({ 'src/agent/list.ts': list }))).toHaveLength(1)
})
