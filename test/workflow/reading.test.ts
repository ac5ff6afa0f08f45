import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { WorkflowSpec } from '../../src/protocol/index.ts'
import { parseWorkflow, parseWorkflows, type WorkflowFile } from '../../src/workflow/index.ts'

const STEPS = 'steps:\n  - {name: a, commands: x}\n'

const RELEASE = `
name: Release
labels: {platform: linux/amd64, gpu: "1"}
depends_on: [wf_1, wf_2]
runs_on: [success, failure]
priority: -5
timeout: 90
grace: 5s
lease: 2m
on_outage: continue
max_attempts: 1
concurrency: {group: deploy, limit: 2}
environment: [A=1, B=x=y]
secrets: [TOKEN]
steps:
  - name: build
    image: bash
    commands: |
      make
      make install
    environment: {CC: clang}
    directory: src
    timeout: 30s
  - name: watch
    commands: [tail -f log]
    detach: true
  - name: notify
    commands: echo done
    depends_on: build
    when: [{status: failure}, {status: [success]}]
    failure: ignore
`

function read(text: string, name = 'ci/build.yaml'): WorkflowSpec[] {
  const { workflows, problems } = parseWorkflow({ name, text })
  expect(problems).toEqual([])
  return workflows
}

function one(text: string): WorkflowSpec {
  const [workflow] = read(text)
  if (workflow === undefined) throw new Error('no workflow was read')
  return workflow
}

describe('a workflow file', () => {
  test('with nothing but steps gets the defaults, and its name from the file', () => {
    expect(one(STEPS)).toEqual({
      name: 'build',
      labels: {},
      environment: {},
      priority: 0,
      timeoutMs: 3_600_000,
      graceMs: 10_000,
      onOutage: 'stop',
      maxAttempts: 3,
      dependsOn: [],
      runsOn: [],
      secrets: [],
      steps: [{ id: 's1', name: 'a', commands: ['x'] }],
    })
  })

  test('says everything about itself and its steps', () => {
    const workflow = one(RELEASE)
    expect(workflow).toMatchObject({
      name: 'Release',
      labels: { platform: 'linux/amd64', gpu: '1' },
      dependsOn: ['wf_1', 'wf_2'],
      runsOn: ['success', 'failure'],
      priority: -5,
      timeoutMs: 90 * 60_000,
      graceMs: 5000,
      leaseMs: 120_000,
      onOutage: 'continue',
      maxAttempts: 1,
      concurrency: { group: 'deploy', limit: 2 },
      environment: { A: '1', B: 'x=y' },
      secrets: ['TOKEN'],
    })
    expect(workflow.steps).toEqual([
      {
        id: 's1',
        name: 'build',
        image: 'bash',
        commands: ['make\nmake install\n'],
        environment: { CC: 'clang' },
        directory: 'src',
        timeoutMs: 30_000,
      },
      { id: 's2', name: 'watch', commands: ['tail -f log'], detach: true },
      {
        id: 's3',
        name: 'notify',
        commands: ['echo done'],
        dependsOn: ['s1'],
        when: ['failure', 'success'],
        failure: 'ignore',
      },
    ])
  })

  test('may write its steps as a mapping, in its order', () => {
    const { steps } = one('steps:\n  test: {commands: y}\n  build: {commands: [x, z]}\n')
    expect(steps).toEqual([
      { id: 's1', name: 'test', commands: ['y'] },
      { id: 's2', name: 'build', commands: ['x', 'z'] },
    ])
  })

  test('an empty depends_on makes a graph as well', () => {
    expect(one('steps:\n  - {name: a, commands: x, depends_on: []}\n').steps[0]?.dependsOn).toEqual([])
  })

  test('keeps scalars as they are written, and null as nothing', () => {
    const { environment } = one(
      `environment: {A: 1.10, B: no, C: 0x1F, D: "", E: ~, F: , G: 2001-01-01, H: 'null'}\n${STEPS}`,
    )
    expect(environment).toEqual({ A: '1.10', B: 'no', C: '0x1F', D: '', E: '', F: '', G: '2001-01-01', H: 'null' })
  })

  test('may use anchors, merge keys and a `variables` key that holds them', () => {
    const text = `
variables:
  - &base {image: bash, environment: {A: "1"}, timeout: 1m}
  - &cmd make
steps:
  - <<: *base
    name: a
    commands: *cmd
    timeout: 2m
`
    expect(one(text).steps).toEqual([
      { id: 's1', name: 'a', image: 'bash', environment: { A: '1' }, commands: ['make'], timeoutMs: 120_000 },
    ])
  })

  test('reads Windows line ends and a byte order mark', () => {
    expect(one(`\uFEFFname: w\r\n${STEPS.replaceAll('\n', '\r\n')}`)).toMatchObject({ name: 'w' })
  })
})

describe('a matrix', () => {
  test('makes a workflow per combination of its axes, and one per include', () => {
    const text = `
name: go \${GO}
matrix:
  GO: [1.20, 1.21]
  OS: [linux, mac]
  include:
    - {GO: tip}
    - {GO: 1.20, OS: linux}
labels: {os: "\${OS}"}
steps:
  - name: a
    commands: 'echo \${GO} $GO'
    environment: {V: 'x\${GO}'}
`
    const workflows = read(text)
    expect(workflows.map(({ name }) => name)).toEqual([
      'go 1.20 (GO=1.20, OS=linux)',
      'go 1.20 (GO=1.20, OS=mac)',
      'go 1.21 (GO=1.21, OS=linux)',
      'go 1.21 (GO=1.21, OS=mac)',
      'go tip (GO=tip)',
    ])
    expect(workflows[3]?.labels).toEqual({ os: 'mac' })
    expect(workflows[4]?.labels).toEqual({ os: `\${OS}` })
    expect(workflows[4]?.environment).toEqual({ GO: 'tip' })
    expect(workflows[0]?.steps[0]).toMatchObject({ commands: [`echo \${GO} $GO`], environment: { V: 'x1.20' } })
  })

  test('reports a mistake once, not once per combination', () => {
    const { problems } = parseWorkflow({ name: 'm.yaml', text: `matrix: {A: [1, 2, 3]}\npriority: x\n${STEPS}` })
    expect(problems).toHaveLength(1)
  })

  test('is waited for as a whole by its name', () => {
    const files: WorkflowFile[] = [
      { name: 'deploy.yaml', text: `depends_on: [build, wf_old]\n${STEPS}` },
      { name: 'build.yaml', text: `matrix: {A: [1, 2]}\n${STEPS}` },
    ]
    const { workflows, outside } = parseWorkflows(files)
    expect(workflows[0]?.dependsOn).toEqual(['build (A=1)', 'build (A=2)', 'wf_old'])
    expect(outside).toEqual([{ name: 'wf_old', file: 'deploy.yaml', line: 1, column: 21 }])
  })
})

const EXAMPLES = join(import.meta.dirname, '../../examples/workflows')

test.each(readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml')))('the example %s is valid', (name) => {
  const { problems } = parseWorkflow({ name, text: readFileSync(join(EXAMPLES, name), 'utf8') })
  expect(problems).toEqual([])
})
