import { describe, expect, test } from 'vitest'
import { parseWorkflow } from '../../src/workflow/index.ts'

const STEPS = 'steps:\n  - name: a\n    commands: [true]\n'

/** Each row: what is wrong, the file, and every problem as `line:column sentence`. */
const rows: [what: string, text: string, ...problems: string[]][] = [
  ['no text', '', '1:1 the file is empty; a workflow needs at least `steps`'],
  ['only a comment', '# later\n', '1:1 the file is empty; a workflow needs at least `steps`'],
  ['a list', '- a\n', '1:1 a workflow file is a mapping of keys such as `steps:`; this is not one'],
  [
    'two documents',
    `${STEPS}---\n${STEPS}`,
    '5:1 a second document starts here; a file holds one workflow, so put this into a file of its own',
  ],
  ['no steps', 'name: x\n', '1:1 the workflow has no `steps`; write at least one'],
  ['an empty list of steps', 'steps: []\n', '1:8 `steps` is empty; write at least one step'],
  ['steps as text', 'steps: make\n', '1:8 `steps` must be a list of steps, or a mapping of names to steps'],
  [
    'an unknown key, close to one',
    `labls: {a: b}\n${STEPS}`,
    '1:1 `labls` is not a key of a workflow; did you mean `labels`?',
  ],
  [
    'a key of elsewhere',
    'steps:\n  - name: a\n    script: [make]\n',
    '2:5 step `a` has no `commands`; a step is what its commands do',
    '3:5 `script` is not a key of a step; did you mean `commands`?',
  ],
  [
    'an unknown key, close to none',
    'steps:\n  - name: a\n    commands: x\n    colour: red\n',
    '4:5 `colour` is not a key of a step; it may have name, image, commands, environment, directory, depends_on, when, failure, detach, timeout',
  ],
  [
    'services',
    `services:\n  - name: db\n    image: postgres\n${STEPS}`,
    '1:1 `services` is not run by Drumline: start what a step needs in a step with `detach: true`',
  ],
  [
    'a plugin',
    'steps:\n  - name: a\n    image: plugins/s3\n    settings: {bucket: b}\n',
    '2:5 step `a` has no `commands`; a step is what its commands do',
    '4:5 `settings` is not run by Drumline: plugins are not part of it; call the tool in `commands`',
  ],
  [
    'when by branch',
    'steps:\n  - name: a\n    commands: x\n    when:\n      - branch: main\n',
    '5:9 `branch` is not run by Drumline: it knows no repository events; submit the workflow only when it should run',
  ],
  [
    'from_secret',
    `environment:\n  TOKEN:\n    from_secret: token\n${STEPS}`,
    '3:5 `from_secret` is not used here; list the name under `secrets` and it is in every step’s environment',
  ],
  ['a key twice', `name: a\nname: b\n${STEPS}`, '2:1 `name` stands twice; it is already on line 1, keep one'],
  [
    'a step twice',
    'steps:\n  - name: a\n    commands: x\n  - name: a\n    commands: y\n',
    '4:11 two steps are named `a`; give each a name of its own',
  ],
  [
    'a step twice in a mapping',
    'steps:\n  a: {commands: x}\n  a: {commands: y}\n',
    '3:3 `a` stands twice; it is already on line 2, keep one',
  ],
  ['a step without a name', 'steps:\n  - commands: x\n', '2:5 step 1 has no `name`; give it one'],
  ['no commands in the list', 'steps:\n  a:\n    commands: []\n', '3:5 `commands` is empty; write at least one'],
  ['a step that is text', 'steps:\n  - make\n', '2:5 step 1 must be a mapping of keys to values, not one value'],
  [
    'a priority out of range',
    `priority: 101\n${STEPS}`,
    '1:11 `priority` must be a whole number from -100 to 100, not `101`',
  ],
  [
    'a priority in words',
    `priority: high\n${STEPS}`,
    '1:11 `priority` must be a whole number from -100 to 100, not `high`',
  ],
  [
    'a timeout in words',
    `timeout: fast\n${STEPS}`,
    '1:10 `timeout` must be a duration such as `90s`, `10m` or `2h`, not `fast`',
  ],
  ['a lease without unit', `lease: 90\n${STEPS}`, '1:8 `lease` needs a unit: write `90s`, `90m` or `90h`'],
  ['a lease too long', `lease: 25h\n${STEPS}`, '1:8 `lease` must be from 1s to 24h, not `25h`'],
  [
    'a grace over a third',
    `lease: 30s\ngrace: 11s\n${STEPS}`,
    '2:8 `grace` may be at most a third of `lease`, here 10s',
  ],
  ['a key without value', `timeout:\n${STEPS}`, '1:9 `timeout` has no value; give it one or remove it'],
  ['a list for a name', `name: [a, b]\n${STEPS}`, '1:7 `name` must be one value, not a list'],
  [
    'a word of a choice, misspelt',
    'steps:\n  - name: a\n    commands: x\n    failure: ignroe\n',
    '4:14 `failure` must be fail or ignore or cancel, not `ignroe`; did you mean `ignore`?',
  ],
  [
    'yes for true',
    'steps:\n  - name: a\n    commands: x\n    detach: yes\n',
    '4:13 `detach` must be true or false, not `yes`',
  ],
  [
    'an outcome that is none',
    `runs_on: [success, always]\n${STEPS}`,
    '1:20 entry 2 of `runs_on` must be success or failure, not `always`',
  ],
  [
    'a variable no shell can hold',
    `environment: {MY-VAR: x}\n${STEPS}`,
    "1:15 the variable's name `MY-VAR` must be letters, digits and _, not starting with a digit",
  ],
  [
    'a list entry without =',
    `environment: [CI]\n${STEPS}`,
    '1:15 an entry of the list `environment` must be written `NAME=value`',
  ],
  [
    'a label with !',
    `labels: {"!gpu": a}\n${STEPS}`,
    "1:10 the label's name `!gpu` must not start with `!`; only an agent demands labels",
  ],
  [
    'a forbidden name',
    `environment: {__proto__: x}\n${STEPS}`,
    '1:15 `__proto__` is not allowed as a name; choose another',
  ],
  ['a name with a line break', `name: "a\\nb"\n${STEPS}`, '1:7 `name` must be printable, on one line'],
  [
    'a step that is not there',
    'steps:\n  - name: build\n    commands: x\n  - name: test\n    commands: y\n    depends_on: [biuld]\n',
    '6:18 there is no step `biuld` in this file; did you mean `build`?',
  ],
  [
    'steps in a ring',
    'steps:\n  a: {commands: x, depends_on: b}\n  b: {commands: y, depends_on: a}\n',
    '2:32 the steps wait for each other: `a` → `b` → `a`; remove one of these',
  ],
  [
    'a workflow that waits for itself',
    `name: a\ndepends_on: a\n${STEPS}`,
    '2:13 the workflows wait for each other: `a` → `a`; remove one of these',
  ],
  [
    'concurrency without group',
    `concurrency: {limit: 2}\n${STEPS}`,
    '1:14 `concurrency` has no `group`; name what must not run side by side',
  ],
  ['a tab', 'steps:\n\t- name: a\n', '2:1 a tab is used for indentation; YAML wants spaces'],
  ['an alias of nothing', `name: *x\n${STEPS}`, '1:7 `*x` names no anchor `&x` that ends above it'],
  ['an anchor in itself', 'a: &x [*x]\n', '1:8 `*x` names no anchor `&x` that ends above it'],
  ['a tag', `name: !foo x\n${STEPS}`, '1:7 tags such as `!name` are not used in workflow files; remove it'],
  ['an empty matrix', `matrix: {}\n${STEPS}`, '1:9 `matrix` is empty; write an axis such as `GO: [1.22, 1.23]`'],
  ['an axis that is no list', `matrix: {GO: 1}\n${STEPS}`, '1:14 the axis `GO` must be a list of values'],
  [
    'a matrix too large',
    `matrix: {A: [${'1,2,3,4,5,6,7,8,9,10'}], B: [a,b,c,d,e,f,g,h,i,j,k]}\n${STEPS}`,
    '1:9 `matrix` makes 110 workflows; at most 100 are allowed',
  ],
  [
    'several at once, in the order of the text',
    `priorty: 1\ntimeout: soon\n${STEPS}    when: {status: never}\n`,
    '1:1 `priorty` is not a key of a workflow; did you mean `priority`?',
    '2:10 `timeout` must be a duration such as `90s`, `10m` or `2h`, not `soon`',
    '6:20 `status` must be success or failure, not `never`',
  ],
]

describe('a wrong workflow file is refused at line and column, with what to do', () => {
  test.each(rows)('%s', (_, text, ...expected) => {
    const { workflows, problems } = parseWorkflow({ name: 'ci.yaml', text })
    expect(problems.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual(expected)
    expect(new Set(problems.map(({ file }) => file))).toEqual(new Set(['ci.yaml']))
    expect(workflows).toEqual([])
  })
})
