import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readTree } from '../architecture/sources.ts'
import { typesGivenUp } from '../architecture/types.ts'
import type { Running } from '../support/running.ts'
import { BIN, Consumer, type Done } from './consumer.ts'

const consumer = new Consumer()

/** A whole program of theirs, and what it says. */
const PROGRAM = 'test/library/programs/everything'
const SAID = `\
a by hand
b by hand
one: success
attempt 1 runs until it is stopped
two: canceled seen enough canceled
not_found never none
forbidden reauth
data_in_use
lease lost
closed
`
const EXAMPLES = ['own-function', 'submit-and-wait', 'follow-logs', 'server-and-agent', 'watch-queue']
const FILES = [PROGRAM, ...EXAMPLES.map((name) => `examples/${name}`)].map((name) => `${name}.ts`)

const COMMON = `\
import agent = require('drumline/agent')
import client = require('drumline/client')
import protocol = require('drumline/protocol')
import server = require('drumline/server')
const run: agent.Run = async (job) => console.log(job.offer.attempt)
const all: unknown[] = [run, agent.runAgent, client.dialClient, protocol.workflowSpec, server.startServer]
console.log(all.every((one) => typeof one === 'function'))
`

let compiled: Done

beforeAll(async () => {
  await consumer.install()
  for (const file of FILES) consumer.take(file)
  consumer.write('common.cts', COMMON)
  compiled = await consumer.compile(7, { files: [...FILES, 'common.cts'], options: { outDir: 'out', rootDir: '.' } })
}, 300_000)
afterAll(() => consumer.remove())

describe('the tarball', () => {
  const WANTED = [
    /^(LICENSE|README\.md|CHANGELOG\.md|package\.json|bin\/drumline\.js)$/,
    /^dist\/[\w./-]+(\.js|\.d\.ts)(\.map)?$/,
    /^dist\/cli\/licenses\.md$/,
    /^dist\/dashboard\/[\w./-]+\.(html|js|css|svg)(\.br|\.gz)?$/,
    /^src\/[\w./-]+\.tsx?$/,
    /^src\/dashboard\/[\w./-]+\.(html|css|svg)$/,
    /^docs\/[\w./-]+\.(md|json|png)$/,
    /^docs\/proxies\/(nginx\.conf|haproxy\.cfg|Caddyfile|httpd\.conf)$/,
    /^examples\/[\w./-]+\.(ts|py|yaml)$/,
  ]

  test('holds what is needed, and nothing else', () => {
    const { paths } = consumer.packed
    expect(paths.filter((path) => !WANTED.some((pattern) => pattern.test(path)))).toEqual([])
    const must = ['LICENSE', 'README.md', 'CHANGELOG.md', 'docs/library.md', 'examples/own-function.ts']
    expect(paths).toEqual(expect.arrayContaining(must))
  })

  test('holds the source of every map', () => {
    const all = new Set(consumer.packed.paths)
    const maps = [...all].filter((path) => path.endsWith('.map'))
    const sources = maps.map((path) => path.replace(/^dist/, 'src').replace(/(\.d\.ts|\.js)\.map$/, '.ts'))
    expect(sources.length).toBeGreaterThan(100)
    expect(sources.filter((path) => !all.has(path) && !all.has(`${path}x`))).toEqual([])
  })

  test('gives no type up', () => {
    const tree = readTree(consumer.path('node_modules/drumline'), 'dist')
    expect(tree.length).toBeGreaterThan(100)
    expect(typesGivenUp(tree)).toEqual([])
  })

  test('is small, and brings few packages', () => {
    const lock = readFileSync(consumer.path('node_modules/.package-lock.json'), 'utf8')
    const { packages } = JSON.parse(lock) as { packages: object }
    expect(consumer.packed.unpackedSize).toBeLessThan(10_000_000)
    expect(Object.keys(packages).length).toBeLessThan(50)
  })
})

describe('a program in TypeScript', () => {
  const CLEAN = { code: 0, stdout: '', stderr: '' }

  test('compiles under strict', () => {
    expect(compiled).toEqual(CLEAN)
  })

  test('compiles with TypeScript 5 too', { timeout: 180_000 }, async () => {
    // The packages' own types were looked at by the other one, which is faster.
    expect(
      await consumer.compile(5, { files: [...FILES, 'common.cts'], options: { noEmit: true, skipLibCheck: true } }),
    ).toEqual(CLEAN)
  })

  test('compiles for a page, without the types of Node', { timeout: 180_000 }, async () => {
    consumer.write(
      'page.ts',
      "export * as bus from 'drumline/protocol'\nexport { openClient } from 'drumline/client'\n",
    )
    const page = { module: 'esnext', moduleResolution: 'bundler', customConditions: ['browser'], types: [] }
    const options = { ...page, lib: ['es2023', 'dom'], noEmit: true }
    expect(await consumer.compile(7, { files: ['page.ts'], options })).toEqual(CLEAN)
  })

  test('uses all four entry points, says what happened, and ends by itself', { timeout: 120_000 }, async () => {
    expect(await consumer.run(['--no-warnings', `out/${PROGRAM}.js`])).toEqual({ code: 0, stdout: SAID, stderr: '' })
  })
})

test('CommonJS can require it, with its types', { timeout: 60_000 }, async () => {
  expect(await consumer.run(['--no-warnings', 'out/common.cjs'])).toEqual({ code: 0, stdout: 'true\n', stderr: '' })
})

test('in a browser neither the client nor the protocol asks for anything of Node', { timeout: 60_000 }, async () => {
  consumer.write(
    'no-node.mjs',
    `import { isBuiltin, register } from 'node:module'
export function resolve(name, context, next) {
  if (isBuiltin(name)) throw new Error(context.parentURL + ' asks for ' + name)
  return next(name, context)
}
if (!import.meta.url.endsWith('?hooks')) register(import.meta.url + '?hooks')
`,
  )
  consumer.write('page.mjs', "console.log(Object.keys(await import('drumline/client')).join(' '))")
  consumer.write('protocol.mjs', "console.log('Channel' in await import('drumline/protocol'))")
  consumer.write('agent.mjs', "await import('drumline/agent')")
  const run = (name: string) => consumer.run(['--no-warnings', '-C', 'browser', '--import', './no-node.mjs', name])
  expect(await run('page.mjs')).toEqual({
    code: 0,
    stdout: 'BusError CloseError ENDED LogMerge dialPage followLogs logIn logOut openClient untilEnded whoAmI\n',
    stderr: '',
  })
  expect(await run('protocol.mjs')).toEqual({ code: 0, stdout: 'true\n', stderr: '' })
  expect(await run('agent.mjs')).toMatchObject({ code: 1, stderr: expect.stringContaining('asks for node:') })
})

describe('the command line', () => {
  test('says the version of the package', { timeout: 60_000 }, async () => {
    const { version } = JSON.parse(readFileSync(consumer.path('node_modules/drumline/package.json'), 'utf8'))
    expect(await consumer.drumline('--version')).toMatchObject({ code: 0, stdout: `${version}\n` })
  })

  test('serves, runs and follows a workflow', { timeout: 120_000 }, async () => {
    const served = await consumer.serve()
    const agent = consumer.start([BIN, 'agent', '--url', served.url, '--data', 'agent'], served.agent)
    consumer.write('hello.yaml', 'steps:\n  greet:\n    commands: echo "hello from the tarball"\n')
    const submitted = await consumer.drumline('submit', 'hello.yaml', '--follow')
    expect(submitted).toMatchObject({ code: 0, stdout: expect.stringContaining('hello from the tarball') })
    await ends(agent, 'SIGTERM')
    await ends(served.process, 'SIGTERM')
  })
})

describe('the examples', () => {
  test.each(EXAMPLES)('%s has under 30 lines, and no cast', (name) => {
    const text = readFileSync(consumer.path(`examples/${name}.ts`), 'utf8')
    expect(text.trimEnd().split('\n').length).toBeLessThan(30)
    expect(text.replace(/\/\/.*/g, '')).not.toMatch(/\bas\b|\bany\b|\w!/)
  })

  test('run a function, wait for its outcome, read its log and watch the queue', { timeout: 120_000 }, async () => {
    const served = await consumer.serve()
    const counter = consumer.start(['out/examples/own-function.js', served.url], served.agent)
    const done = await consumer.run(['out/examples/submit-and-wait.js', served.url], served.admin)
    expect(done).toMatchObject({ code: 0, stdout: 'build: success on counter\n  compile: success\n  test: success\n' })
    const { stdout } = await consumer.drumline('list', '--json')
    const { workflows } = JSON.parse(stdout) as { workflows: { id: string }[] }
    const follow = ['out/examples/follow-logs.js', String(workflows[0]?.id), served.url]
    const line = '1 commands, counted in TypeScript\n'
    expect(await consumer.run(follow, served.admin)).toMatchObject({ code: 0, stdout: line.repeat(2) })
    expect(await consumer.run([...follow.slice(0, 1), 'nobody', served.url], served.admin)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('not_found'),
    })
    const watch = consumer.start(['out/examples/watch-queue.js', served.url], served.admin)
    await watch.says(/^0 running, 0 pending; counter online$/m, 30_000)
    await ends(counter, 'SIGTERM')
    await watch.says(/counter offline|; $/m, 30_000)
    await ends(watch, 'SIGINT')
    await ends(served.process, 'SIGTERM')
  })

  test('run a server and its agent in one process', { timeout: 60_000 }, async () => {
    expect(await consumer.run(['out/examples/server-and-agent.js'])).toMatchObject({
      code: 0,
      stdout: 'hello: success\n',
    })
  })
})

/** As a user ends it, and it ends well. */
async function ends(running: Running, signal: NodeJS.Signals): Promise<void> {
  running.signal(signal)
  expect({ ...(await running.finished(60_000)), stderr: running.stderr() }).toMatchObject({ code: 0 })
}
