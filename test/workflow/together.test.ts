import { describe, expect, test } from 'vitest'
import { parseWorkflow, parseWorkflows, unknownDependencies, type WorkflowFile } from '../../src/workflow/index.ts'

const STEPS = 'steps:\n  - {name: a, commands: x}\n'

describe('files submitted together', () => {
  test('may not wait for each other in a ring', () => {
    const files: WorkflowFile[] = [
      { name: 'a.yaml', text: `depends_on: b\n${STEPS}` },
      { name: 'b.yaml', text: `${STEPS}depends_on: [a]\n` },
    ]
    expect(parseWorkflows(files)).toEqual({
      workflows: [],
      outside: [],
      problems: [
        {
          file: 'a.yaml',
          line: 1,
          column: 13,
          message: 'the workflows wait for each other: `a` → `b` → `a`; remove one of these',
        },
      ],
    })
  })

  test('have all their mistakes named at once, file by file', () => {
    const files = ['a', 'b', 'c'].map((name) => ({
      name: `${name}.yaml`,
      text: name === 'b' ? STEPS : `nmae: x\n${STEPS}`,
    }))
    const message = '`nmae` is not a key of a workflow; did you mean `name`?'
    expect(parseWorkflows(files)).toEqual({
      workflows: [],
      outside: [],
      problems: ['a.yaml', 'c.yaml'].map((file) => ({ file, line: 1, column: 1, message })),
    })
  })

  test('may wait for one combination of a matrix by its name, also from another matrix', () => {
    const files: WorkflowFile[] = [
      { name: 'build.yaml', text: `matrix: {V: [1, 2]}\n${STEPS}` },
      { name: 'test.yaml', text: `matrix: {V: [1, 2]}\ndepends_on: build (V=\${V})\n${STEPS}` },
    ]
    expect(parseWorkflows(files).workflows.map(({ name, dependsOn }) => [name, dependsOn])).toEqual([
      ['build (V=1)', []],
      ['build (V=2)', []],
      ['test (V=1)', ['build (V=1)']],
      ['test (V=2)', ['build (V=2)']],
    ])
  })

  test('name what neither of them nor the server knows, and what may have been meant', async () => {
    const files: WorkflowFile[] = [
      { name: 'build.yaml', text: `matrix: {A: [1], B: [2]}\n${STEPS}` },
      { name: 'deploy.yaml', text: `depends_on: [biuld, build (A=1, B=2), known, gone]\n${STEPS}` },
    ]
    const { outside } = parseWorkflows(files)
    const unknown = await unknownDependencies(outside, async (id) => id === 'known')
    const why = (name: string) =>
      `there is no workflow \`${name}\`: none of that name is submitted with it, and the server knows no such id`
    expect(unknown.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`)).toEqual([
      `deploy.yaml:1:14 ${why('biuld')}; did you mean \`build\`?`,
      `deploy.yaml:1:21 ${why('build (A=1')}; put quotes around a name that holds a comma`,
      `deploy.yaml:1:33 ${why('B=2)')}`,
      `deploy.yaml:1:46 ${why('gone')}`,
    ])
  })

  test('may share a name unless another waits for it', () => {
    const twin = { name: 'a.yaml', text: STEPS }
    expect(parseWorkflows([twin, twin]).workflows).toHaveLength(2)
    const { problems } = parseWorkflows([twin, twin, { name: 'c.yaml', text: `depends_on: a\n${STEPS}` }])
    expect(problems.map(({ message }) => message)).toEqual([
      '2 of the submitted workflows are named `a`; give each a name of its own',
    ])
  })
})

describe('a file made to harm', () => {
  const problemsOf = (text: string) => parseWorkflow({ name: 'x.yaml', text }).problems.map(({ message }) => message)

  test('is refused above 1 MiB, counted in bytes', () => {
    expect(problemsOf(`# ${'é'.repeat(600_000)}\n${STEPS}`)).toEqual(['the file is larger than 1 MiB; split it'])
  })

  test('is refused above 20,000 lines, before YAML is read', () => {
    expect(problemsOf(`a: "${'x\n'.repeat(20_001)}"`)).toEqual([
      'the file has over 20000 lines; put long scripts into files of their own',
    ])
  })

  test.each([
    ['brackets', '['.repeat(1_000_000)],
    ['commas', `a: [${','.repeat(1_000_000)}`],
    ['tags', `a: [${'!x y,'.repeat(180_000)}]`],
    ['aliases', `a: [&a x,${'*a,'.repeat(300_000)}]`],
    ['dashes', '- '.repeat(500_000)],
  ])('is refused when it holds too much, before anything is made of it: %s', (_, text) => {
    expect(problemsOf(text)).toEqual(['the file has over 50000 keys, values and marks; a workflow needs far fewer'])
  })

  test('is refused when no agent could be handed it', () => {
    const commands = Array.from({ length: 5 }, () => `      - echo ${'x'.repeat(60_000)}\n`)
    expect(problemsOf(`steps:\n  - name: a\n    commands:\n${commands.join('')}`)).toEqual([
      'the workflow does not fit into the 252 KiB in which it is handed to an agent; put long scripts into files',
    ])
  })

  test('is refused when its matrix would explode, without multiplying it out', () => {
    const axes = [...'ABCDEFGH'].map(
      (key) =>
        `  ${key}: [${Array(100)
          .fill(0)
          .map((_, value) => value)}]`,
    )
    const text = `${STEPS}matrix:\n${axes.join('\n')}\n`
    expect(problemsOf(text)).toEqual(['`matrix` makes 10000000000000000 workflows; at most 100 are allowed'])
  })

  test('is refused when its aliases stand for too much', () => {
    const levels = Array.from(
      { length: 9 },
      (_, level) => `  - &l${level + 1} [${Array(10).fill(`*l${level}`).join(', ')}]`,
    )
    const text = `variables:\n  - &l0 x\n${levels.join('\n')}\n${STEPS}`
    expect(problemsOf(text)).toEqual([
      'the file stands for over 100000 values, its aliases followed; a workflow needs far fewer',
    ])
  })

  test.each([
    ['lists in lists', '- '.repeat(20_000)],
    ['brackets', '['.repeat(40_000)],
    ['braces', '{a: '.repeat(9_000)],
    ['mappings', Array.from({ length: 300 }, (_, level) => `${' '.repeat(level)}a:`).join('\n')],
    ['keys of keys', '? '.repeat(20_000)],
  ])('is refused when it nests too deep: %s', (_, text) => {
    expect(problemsOf(text)).toEqual(['the file is nested more than 40 levels deep; a workflow needs four'])
  })
})
