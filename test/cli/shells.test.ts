import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Running } from '../support/running.ts'
import { ROOT } from '../support/stage.ts'
import { needsTool } from '../support/tools.ts'
import { waitUntil } from '../support/wait-until.ts'
import { Terminal } from './terminal.ts'

/** A `drumline` that completes as the real one does, and of everything else only notes how it was called. */
const STANDIN = `#!/bin/sh
case "$1" in complete|completion) exec "${process.execPath}" "${ROOT}/bin/drumline.js" "$@";; esac
printf '%s\\n' "$*" >> calls
`

let folder: string
let env: Record<string, string>
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drumline-shells-'))
  writeFileSync(join(folder, 'drumline'), STANDIN)
  chmodSync(join(folder, 'drumline'), 0o755)
  writeFileSync(join(folder, 'pipeline.yaml'), '')
  env = { PATH: `${folder}:${process.env.PATH ?? ''}`, HOME: folder, LANG: 'C.UTF-8', TERM: 'xterm', PS1: 'ready> ' }
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const TYPED = ['drumline queue pa\t', 'drumline list --state=runn\t', 'drumline submit pipe\t', 'drumline list --lim\t']
const CALLED = ['queue pause', 'list --state=running', 'submit pipeline.yaml', 'list --limit']

/** Types lines into a real terminal with a real shell in it, TABs and all; answers how `drumline` was called. */
async function calls(shell: string, setUp: string): Promise<string[]> {
  const terminal = new Terminal(shell, { cwd: folder, env })
  try {
    for (const line of [setUp, ...TYPED, '']) {
      await terminal.prompt('ready> ')
      terminal.type(`${line}\n`)
    }
    await waitUntil(() => existsSync(join(folder, 'calls')) && called().length === TYPED.length, { limitMs: 60_000 })
    return called()
  } finally {
    await terminal.end()
  }
}

function called(): string[] {
  return readFileSync(join(folder, 'calls'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd())
}

needsTool('script')('in a terminal, TAB completes commands, flags, values and files', { timeout: 180_000 }, () => {
  test('in bash', async () => {
    expect(await calls('bash --norc -i', 'source <(drumline completion bash)')).toEqual(CALLED)
  })

  needsTool('zsh')('in another shell', () => {
    test('in zsh', async () => {
      const setUp = 'autoload -Uz compinit; compinit -u -D; source <(drumline completion zsh)'
      expect(await calls('zsh -f -i', setUp)).toEqual(CALLED)
    })
  })
})

needsTool('fish')('fish', { timeout: 120_000 }, () => {
  test.each([
    ['drumline queue pa', 'pause'],
    ['drumline list --state=runn', '--state=running'],
    ['drumline submit pipe', 'pipeline.yaml'],
    ['drumline list --lim', '--limit'],
  ])('completes %j', async (line, expected) => {
    const command = `drumline completion fish | source; complete -C '${line}'`
    const fish = new Running('fish', ['--no-config', '-c', command], { cwd: folder, env })
    expect(await fish.finished(60_000)).toMatchObject({ code: 0 })
    expect(fish.stdout().trimEnd().split('\t')[0]).toBe(expected)
  })
})
