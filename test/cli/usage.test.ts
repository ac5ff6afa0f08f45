import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { runProgram } from '../../src/cli/program.ts'
import { FakeWorld } from './fake-world.ts'

const folder = mkdtempSync(join(tmpdir(), 'drumline-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const good = file('good.yaml', 'steps:\n  - {name: a, commands: x}\n')
const secret = file('secret.yaml', 'secrets: [KEY]\nsteps:\n  - {name: a, commands: x}\n')
const empty = file('empty', '')
const remote = ['--url', 'http://ci.example.com']

async function run(args: readonly string[], env: Record<string, string> = {}, stdin = '') {
  const world = new FakeWorld(args, { env: { DRUMLINE_DATA: join(folder, 'none'), ...env }, stdin })
  const code = await runProgram(world)
  return { code, stdout: world.stdout.text, stderr: world.stderr.text }
}

/** Every one ends before any network, with a line that says what to do. */
const rows: [what: string, args: string[], code: number, says: string | RegExp, env?: Record<string, string>][] = [
  ['an unknown command', ['sbmit'], 2, "unknown command 'sbmit' (Did you mean submit?)"],
  [
    'flags before the command',
    ['--limit', '3', 'list'],
    2,
    'flags stand behind the command: `drumline list --limit …`',
  ],
  ['an unknown flag', ['list', '--lmit', '3'], 2, /unknown option '--lmit' \(Did you mean --limit\?\)/],
  ['no argument', ['show'], 2, "missing required argument 'id'"],
  ['no files', ['submit'], 2, "missing required argument 'file'"],
  ['too many arguments', ['show', 'a', 'b'], 2, /too many arguments/],
  ['a number that is none', ['list', '--limit', 'many'], 2, '--limit must be a whole number from 1 to 10000'],
  ['a state that is none', ['list', '--state', 'done'], 2, /--state must be one of waiting, .*, not "done"/],
  ['a label without =', ['list', '--label', 'x'], 2, '--label must be written key=value, not "x"'],
  ['an address that is none', ['list', '--url', 'ci'], 2, /--url must be an address such as/],
  ['a token file that is not there', ['list', '--token-file', '/none'], 2, /cannot read --token-file \/none/],
  ['a token file that is empty', ['list', '--token-file', empty], 2, /is empty/],
  ['authorities that are not there', ['list', '--ca', '/none'], 2, /cannot read --ca \/none: there is no such file/],
  ['authorities that are none', ['list', '--ca', good], 2, /cannot use --ca .*: there is no certificate \(PEM\) in it/],
  ['a certificate without its key', ['list', '--client-cert', good], 2, '--client-cert and --client-key go together'],
  [
    'a proxy that is none',
    ['list', '--token', 'a', ...remote, '--proxy', 'http://me:x@:1'],
    2,
    '--proxy is not the address',
  ],
  [
    'a proxy of the environment that is not spoken',
    ['list', ...remote],
    2,
    'HTTP_PROXY names a SOCKS proxy',
    { DRUMLINE_TOKEN: 'a', HTTP_PROXY: 'socks5://me:x@p' },
  ],
  ['two credentials', ['list', '--token', 'a', '--token-file', empty], 2, 'give --token or --token-file, not both'],
  [
    'a crash point that is none',
    ['agent', '--token-file', file('token', 't'), ...remote],
    2,
    /DRUMLINE_TEST_CRASH: no crash point "x"/,
    { DRUMLINE_TEST_CRASH: 'x' },
  ],
  [
    'a crash point of a server that is none',
    ['serve', '--data', '/none/x'],
    2,
    /DRUMLINE_TEST_CRASH: no crash point "y:1"/,
    { DRUMLINE_TEST_CRASH: 'y:1' },
  ],
  ['no credential for another machine', ['list', ...remote], 4, /no credential: set DRUMLINE_TOKEN/],
  ['no credential on this one', ['list'], 4, /there is no .*admin-token/],
  ['a file that is not there', ['submit', 'nowhere.yaml'], 2, 'cannot read nowhere.yaml: there is no such file'],
  ['the standard input twice', ['submit', '-', '-'], 2, 'give - once'],
  ['a folder', ['submit', folder], 2, /it is a folder/],
  ['a name for two', ['submit', good, good, '--name', 'x'], 2, '--name is for one workflow, and there are 2'],
  ['a variable with a bad name', ['submit', good, '--env', 'a-b=c'], 2, /--env a-b: a variable's name/],
  ['a secret that is not given', ['submit', secret], 2, /give --secret KEY/],
  ['a secret that is not there', ['submit', secret, '--secret', 'KEY'], 2, /no variable KEY in the environment/],
  ['a secret nobody wants', ['submit', good, '--secret', 'KEY'], 2, /no submitted workflow lists it/],
  [
    'a grace without unit',
    ['submit', good, '--grace', '5'],
    2,
    '--grace must be a duration such as 90s, 10m, 2h or 7d',
  ],
  ['no role', ['token', 'create'], 2, '--role is missing; it must be one of agent, operator, viewer'],
  ['a role that is none', ['token', 'create', '--role', 'admin'], 2, /--role must be one of agent, operator, viewer/],
  ['nothing to drain', ['drain'], 2, 'give an agent, or --server'],
  ['two things to drain', ['drain', 'build-1', '--server'], 2, 'give an agent or --server, not both'],
  ['a server that is to stay', ['drain', '--server', '--undo'], 2, /cannot be told to stay/],
  ['waiting for an agent to stay', ['drain', 'build-1', '--undo', '--wait'], 2, /--wait is for draining/],
  ['an agent without credential', ['agent'], 4, /drumline token create --role agent/],
  ['a capacity of none', ['agent', '--capacity', '0'], 2, '--capacity must be a whole number from 1 to 256'],
  ['the credential for steps', ['agent', '--pass-env', 'DRUMLINE_TOKEN'], 2, /may not hand the credential to steps/],
  [
    'an open address',
    ['serve', '--listen', '0.0.0.0:7800'],
    2,
    /refusing to listen on 0.0.0.0: .*--tls-cert and --tls-key, or .*--trust-proxy/,
  ],
  ['a proxy that is not named', ['serve', '--trust-proxy'], 2, /'--trust-proxy <addresses>' argument missing/],
  ['a proxy that is none', ['serve'], 2, /a trusted proxy is an address.*not "1"/, { DRUMLINE_TRUST_PROXY: '1' }],
  ['a certificate without key', ['serve', '--tls-cert', good], 2, 'TLS needs --tls-cert and --tls-key'],
  ['authorities without certificate', ['serve', '--tls-client-ca', good], 2, 'TLS needs --tls-cert and --tls-key'],
  [
    'a certificate that is not there',
    ['serve', '--tls-cert', 'nowhere.pem', '--tls-key', good],
    2,
    'cannot read --tls-cert nowhere.pem: there is no such file',
  ],
  ['a certificate that is none', ['serve', '--tls-cert', good, '--tls-key', good], 2, /the certificate is no PEM/],
  ['an address without port', ['serve', '--listen', 'localhost'], 2, /--listen must be host:port/],
  ['a store that is not in this version', ['serve', '--store', 'postgres://x'], 2, /not in this version/],
  ['a store that is none', ['serve', '--store', 'drumline.db'], 2, '--store must be sqlite:PATH, not "drumline.db"'],
  ['a time to keep without unit', ['serve', '--keep', '30'], 2, '--keep must be a duration such as 90s, 10m, 2h or 7d'],
  [
    'too short a time to keep',
    ['serve', '--keep', '10m', '--data', join(folder, 'd')],
    2,
    /kept for an hour or longer/,
  ],
  [
    'a lease too short',
    ['serve', '--lease', '5s', '--data', join(folder, 'd')],
    2,
    /lease must be between 30 s and 24 h/,
  ],
  ['a twin that is wrong', ['list'], 2, 'DRUMLINE_LIST_LIMIT must be', { DRUMLINE_LIST_LIMIT: 'x' }],
  ['a switch that is wrong', ['list'], 2, 'DRUMLINE_JSON must be 1, true, 0 or false', { DRUMLINE_JSON: 'yes' }],
]

describe('wrong usage ends with the documented code and a line that says what to do', () => {
  test.each(rows)('%s', async (_, args, code, says, env) => {
    const result = await run(args, env)
    expect(result).toMatchObject({ code, stdout: '' })
    expect(result.stderr).toMatch(says)
    expect(result.stderr).toMatch(/^drumline: /)
    expect(result.stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2)
    expect(result.stderr).not.toMatch(/\bat .*\.(ts|js):\d+/)
  })

  test('a wrong file comes before a missing credential, each mistake on a line', async () => {
    const { code, stdout, stderr } = await run(['submit', '-'], {}, 'stepz: 1\npriority: x\n')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.trimEnd().split('\n')).toEqual([
      'stdin:1:1: `stepz` is not a key of a workflow; did you mean `steps`?',
      'stdin:2:11: `priority` must be a whole number from -100 to 100, not `x`',
    ])
  })

  test('with --json or its twin the error is an object on stderr', async () => {
    const error = { code: 'bad_request', message: expect.stringContaining('--limit') }
    for (const [args, env] of [[['--json'], {}] as const, [[], { DRUMLINE_JSON: '1' }] as const]) {
      const { code, stdout, stderr } = await run(['list', '--limit', '0', ...args], env)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(JSON.parse(stderr)).toEqual({ error })
    }
  })

  test('with --json a wrong file lists its mistakes', async () => {
    const { stderr } = await run(['submit', '-', '--json'], {}, 'steps: 1\n')
    expect(JSON.parse(stderr)).toMatchObject({ error: { details: [{ file: 'stdin', line: 1, column: 8 }] } })
  })
})
