import { STEPS, type Wrong } from './wrong.ts'

/** Text that is no YAML, or not the YAML of one workflow. */
export const WRONG_YAML: Wrong[] = [
  ['no text', '', '1:1 the file is empty; a workflow needs at least `steps`'],
  ['only a comment', '# later\n', '1:1 the file is empty; a workflow needs at least `steps`'],
  ['a list', '- a\n', '1:1 a workflow file is a mapping of keys such as `steps:`; this is not one'],
  [
    'two documents',
    `${STEPS}---\n${STEPS}`,
    '4:1 a second document starts here; a file holds one workflow, so put this into a file of its own',
  ],
  ['a key twice', `name: a\nname: b\n${STEPS}`, '2:1 `name` stands twice; it is already on line 1, keep one'],
  ['a tab', 'steps:\n\t- name: a\n', '2:1 a tab is used for indentation; YAML wants spaces'],
  ['an alias of nothing', `name: *x\n${STEPS}`, '1:7 `*x` names no anchor `&x` that ends above it'],
  ['an anchor in itself', 'a: &x [*x]\n', '1:8 `*x` names no anchor `&x` that ends above it'],
  [
    'a tag',
    `name: !foo x\n${STEPS}`,
    '1:7 tags such as `!name` are not used; remove it, or put quotes around the text',
  ],
  ['a quote that is not closed', `name: "x\n${STEPS}`, '1:7 this quote is not closed; put one where its text ends'],
  [
    'a bracket that is not closed',
    'name: x\nsteps: [\n  - name: a\n',
    '3:3 within brackets a `,` stands between entries; is one missing, or a `]` or `}` above?',
  ],
  [
    'a bracket closed by nothing, on one line',
    `labels: {a: b\n${STEPS}`,
    '2:1 a bracket that opens above is not closed before here; put its `]` or `}`',
  ],
  [
    'no space behind a colon',
    `name:x\n${STEPS}`,
    '1:1 a key must stand on one line; is a `:` with a space behind it, or a quote, missing?',
  ],
  [
    'a key between two columns',
    'steps:\n  - name: a\n   commands: x\n',
    '3:1 this line is indented less than the item above and more than its `-`; line it up with one of them',
  ],
  [
    'a key too far to the right',
    'steps:\n  - name: a\n      commands: x\n',
    '2:11 the line below is indented more than this key; line it up with it',
  ],
  [
    'a key too far to the left',
    'steps:\n  - name: a\n    commands: |\n      x\n   when: {status: failure}\n',
    '5:1 this line is indented less than the item above and more than its `-`; line it up with one of them',
  ],
  [
    'two colons on a line',
    `name: a: b\n${STEPS}`,
    '1:7 two `:` stand on one line; put quotes around the text that holds one',
  ],
  [
    'a value that begins with @',
    `name: @x\n${STEPS}`,
    '1:7 a value cannot begin with this character; put quotes around it',
  ],
  [
    'a command in backticks',
    'steps:\n  - name: a\n    commands: `date`\n',
    '3:15 a value cannot begin with this character; put quotes around it',
  ],
  [
    'a command that begins with !',
    'steps:\n  - name: a\n    commands: ! test -e x\n',
    '3:15 tags such as `!name` are not used; remove it, or put quotes around the text',
  ],
  [
    'a command that begins with *',
    'steps:\n  - name: a\n    commands: *.go\n',
    '3:15 `*.go` names no anchor `&.go` that ends above it; put quotes around text that begins with `*`',
  ],
  [
    'a command that begins with a pipe',
    'steps:\n  - name: a\n    commands: | make\n',
    '3:17 this is not expected here; is a quote, a bracket or a `-` wrong?',
  ],
  [
    'an alias, misspelt',
    `variables: [&base x]\nname: *bsae\n${STEPS}`,
    '2:7 `*bsae` names no anchor `&bsae` that ends above it; did you mean `base`?',
  ],
  [
    'an escape that is none',
    `name: "a\\qb"\n${STEPS}`,
    '1:9 this backslash begins nothing that YAML knows; write two, or put single quotes around the text',
  ],
  ['a key that is a list', `? [a, b]\n: x\n${STEPS}`, '1:3 a key must be plain text'],
  [
    'a comma too few',
    `labels: {a: b c: d}\n${STEPS}`,
    '1:13 within brackets a `,` stands between entries; is one missing, or a `]` or `}` above?',
  ],
  [
    'a comment without a space',
    `name: "a"#b\n${STEPS}`,
    '1:10 a comment needs a space before its `#`; put quotes around text that holds one',
  ],
  [
    'a directive',
    `%FOO bar\n---\n${STEPS}`,
    '1:1 a line that begins with `%` speaks to YAML itself, and this one is not known; remove it',
  ],
  [
    'a second document that is empty',
    `${STEPS}---\n`,
    '4:1 a second document starts here; a file holds one workflow, so put this into a file of its own',
  ],
  [
    'text behind the end of the document',
    `${STEPS}...\nmore\n`,
    '5:1 a second document starts here; a file holds one workflow, so put this into a file of its own',
  ],
  [
    'Windows line ends',
    'nmae: x\r\nsteps:\r\n  - name: a\r\n    commands: x\r\n    tmeout: 1\r\n',
    '1:1 `nmae` is not a key of a workflow; did you mean `name`?',
    '5:5 `tmeout` is not a key of a step; did you mean `timeout`?',
  ],
  [
    'a byte order mark, which is no column',
    `\uFEFFnmae: x\n${STEPS}`,
    '1:1 `nmae` is not a key of a workflow; did you mean `name`?',
  ],
  ['a file that is not UTF-8', `name: caf\uFFFD\n${STEPS}`, '1:10 the file is not UTF-8 here; save it as UTF-8'],
  ['a file in UTF-16', 'n\u0000a\u0000m\u0000e\u0000', '1:2 the file is not UTF-8 here; save it as UTF-8'],
  ['a NUL', `environment: {A: "x\\0y"}\n${STEPS}`, '1:18 a NUL character cannot be given to a program'],
  [
    'a merge of text',
    'steps:\n  - <<: x\n    name: a\n    commands: x\n',
    '2:9 `<<` merges mappings; write an alias of one, such as `*name`',
  ],
  [
    'a tab before a value of a list',
    'steps:\n  - name: a\n    commands:\n\t- x\n',
    '4:1 a tab is used for indentation; YAML wants spaces',
  ],
]
