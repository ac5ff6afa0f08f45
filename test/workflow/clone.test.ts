import { describe, expect, test } from 'vitest'
import { CloneUrl, GitRef } from '../../src/protocol/index.ts'
import { parseWorkflow } from '../../src/workflow/index.ts'

const STEPS = 'steps:\n  - {name: a, commands: x}\n  - {name: b, commands: y}\n'

function one(text: string) {
  const { workflows, problems } = parseWorkflow({ name: 'ci.yaml', text })
  expect(problems).toEqual([])
  const [workflow] = workflows
  if (workflow === undefined) throw new Error('no workflow was read')
  return workflow
}

/** `step ← what it waits for` */
const graph = (text: string) => one(text).steps.map(({ id, dependsOn }) => `${id} ← ${dependsOn?.join(' ') ?? 'order'}`)

describe('clone', () => {
  test('is the first step, called clone, with everything about it', () => {
    const text = `clone: {url: "https://git.example.com/a.git", ref: v1, depth: 5, secret: GIT_TOKEN}\n${STEPS}`
    const { steps, secrets } = one(text)
    expect(steps[0]).toEqual({
      id: 'clone',
      name: 'clone',
      commands: [],
      clone: { url: 'https://git.example.com/a.git', ref: 'v1', depth: 5, secret: 'GIT_TOKEN' },
    })
    expect(steps.map(({ name }) => name)).toEqual(['clone', 'a', 'b'])
    expect(secrets).toEqual(['GIT_TOKEN'])
  })

  test('may be the URL alone', () => {
    expect(one(`clone: git@git.example.com:team/a.git\n${STEPS}`).steps[0]?.clone).toEqual({
      url: 'git@git.example.com:team/a.git',
    })
  })

  test('takes values of the matrix', () => {
    const text = `clone: {url: "file:///srv/a.git", ref: "release-\${V}"}\nmatrix: {V: [1.10]}\n${STEPS}`
    expect(one(text).steps[0]?.clone?.ref).toBe('release-1.10')
  })

  test('comes before the others in order, and in a graph', () => {
    const clone = 'clone: https://git.example.com/a.git\n'
    expect(graph(`${clone}${STEPS}`)).toEqual(['clone ← order', 's1 ← order', 's2 ← order'])
    const dag = 'steps:\n  a: {commands: x}\n  b: {commands: y, depends_on: a}\n  c: {commands: z, depends_on: []}\n'
    expect(graph(`${clone}${dag}`)).toEqual(['clone ← ', 's1 ← clone', 's2 ← s1', 's3 ← clone'])
  })

  test('may be waited for by name', () => {
    const text = 'clone: https://git.example.com/a.git\nsteps:\n  a: {commands: x, depends_on: clone}\n'
    expect(graph(text)).toEqual(['clone ← ', 's1 ← clone'])
  })
})

const SOUND_URLS = [
  'https://git.example.com/team/a.git',
  'https://bot@git.example.com:8443/a?x=1',
  'http://localhost:3000/a.git',
  'http://[::1]:3000/a.git',
  'ssh://git@git.example.com:2222/a.git',
  'git://git.example.com/a.git',
  'file:///srv/repositories/é/a.git',
  'git@git.example.com:team/a.git',
  'git@my_host:~ada/a.git',
]
const WRONG_URLS = [
  ...['-c', '--upload-pack=touch x', 'ext::sh -c touch% x', 'git@ext::sh', 'git@-oProxyCommand=x:a', '-git@host:a'],
  ...['git@host:-a', 'ssh://-oProxyCommand=x/a', 'ssh://git@-oProxyCommand=x/a', 'ssh://-x@host/a', 'https:///a'],
  ...[
    'https://user:pass@host/a',
    'https://host/a b',
    'https://host/a\nb',
    'ftp://host/a',
    'file://host/a',
    '/srv/a',
    '',
  ],
  ...['fd::7', 'host:a', 'https://host', 'javascript:alert(1)', '\u0000https://host/a'],
]
const SOUND_REFS = ['main', 'v1.2', 'refs/heads/main', 'refs/pull/7/head', 'a'.repeat(40), 'fix-ü', 'HEAD']
const WRONG_REFS = [
  '-x',
  '--upload-pack=x',
  '.a',
  '/a',
  'a..b',
  'a//b',
  'a b',
  'a:b',
  '+a:b',
  'a^',
  'a~1',
  'a@{1}',
  'a/',
  '',
]

describe('what git is given', () => {
  test.each(SOUND_URLS)('may be the URL %s', (url) => void expect(CloneUrl.safeParse(url).success).toBe(true))
  test.each(WRONG_URLS)('is never the URL %j', (url) => void expect(CloneUrl.safeParse(url).success).toBe(false))
  test.each(SOUND_REFS)('may be the ref %s', (ref) => void expect(GitRef.safeParse(ref).success).toBe(true))
  test.each(WRONG_REFS)('is never the ref %j', (ref) => void expect(GitRef.safeParse(ref).success).toBe(false))
})
