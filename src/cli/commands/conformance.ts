import {
  AGENT_RULES,
  NoAgent,
  type Rule,
  SERVER_RULES,
  tryAgent,
  tryServer,
  Unreachable,
  type Verdict,
} from '../../conformance/index.ts'
import { CONNECT, checkUrl, credentialOf, warnOfToken } from '../connect.ts'
import { type Context, define } from '../define.ts'
import { CliError, EXIT, usage } from '../errors.ts'
import { duration, type Flag, list, type Raw, text } from '../flags.ts'
import { paint, type Style, showDuration } from '../format.ts'
import { listenAddress } from '../listen.ts'
import { networkOf, warnOfDanger } from '../network.ts'
import { print } from '../output.ts'

const ANY_PORT = { host: '127.0.0.1', port: 0 }
const PATIENCE_MS = 300_000

const FLAGS = {
  listen: listenFlag(),
  wait: duration('--wait <duration>', 'with --listen: how long to wait for the agent', {
    shown: showDuration(PATIENCE_MS),
  }),
  rule: list('--rule <id>', 'try only this rule of docs/protocol.md, such as R12; may be given several times'),
  ...CONNECT,
}

export const conformance = define({
  name: 'conformance',
  about:
    'For authors of other agents and servers: try every rule of docs/protocol.md. On a server it plays good and hostile agents, ' +
    'with credentials, labels and workflows of its own, which it ends again. With --listen it plays a server, prints where it is, ' +
    'and tries the agent that you start there; the agent runs commands of `sh` that do no harm.',
  flags: FLAGS,
  json: '{"verdicts":[{id, level, text, verdict, seen, expected?}]}\nbefore it, with --listen: {"listening","token"}',
  exits: [
    [EXIT.ok, 'every required rule that was to be tried is kept'],
    [EXIT.failed, 'a required rule is broken, or could not be tried'],
    [EXIT.usage, 'wrong usage, or the port of --listen is taken'],
    [EXIT.refused, 'the server cannot be reached, the credential is not an admin’s, or no agent has come'],
  ],
  examples: [
    'drumline conformance --url http://127.0.0.1:7800',
    'drumline conformance --rule R12 --rule R43 --json',
    'drumline conformance --listen',
    'drumline conformance --listen 127.0.0.1:7900 --wait 10m',
  ],
  run,
})

async function run(context: Context<typeof FLAGS>): Promise<number> {
  const { flags } = context
  const listening = flags.listen !== undefined
  knowsRules(flags.rule, Object.values(listening ? AGENT_RULES : SERVER_RULES))
  const verdicts = await (listening ? listenToAgent(context) : dialServer(context))
  await print(context, { verdicts }, (style) => report(verdicts, style))
  const kept = verdicts.every(({ level, verdict }) => level !== 'required' || verdict === 'pass')
  return kept ? EXIT.ok : EXIT.failed
}

async function dialServer(context: Context<typeof FLAGS>): Promise<Verdict[]> {
  const { url, rule, json } = context.flags
  checkUrl(url)
  const network = await networkOf(context)
  const token = await credentialOf(context)
  await warnOfToken(context, json)
  await warnOfDanger(context, json)
  return tryServer({ url, token, network, only: rule }).catch((error: unknown) => {
    if (error instanceof TypeError) throw usage(error.message)
    throw error instanceof Unreachable ? new CliError(EXIT.refused, 'unavailable', error.message) : error
  })
}

async function listenToAgent({ world, flags }: Context<typeof FLAGS>): Promise<Verdict[]> {
  const { host, port } = flags.listen ?? ANY_PORT
  const say = (text: string) => void world.stderr.write(flags.json ? '' : `drumline: ${text}\n`)
  const onReady = ({ url, token }: { url: string; token: string }) => {
    const lines = `listening on ${url}\ntoken ${token}\n`
    void world.stdout.write(flags.json ? `${JSON.stringify({ listening: url, token })}\n` : lines)
    say('start the agent with this address and token; the trial takes some minutes')
  }
  const onScene = (at: number, of: number, rules: readonly string[]) => say(`${at} of ${of}: ${rules.join(', ')}`)
  const patienceMs = flags.wait ?? PATIENCE_MS
  return tryAgent({ host, port, only: flags.rule, patienceMs, onReady, onScene }).catch((error: unknown) => {
    if (error instanceof NoAgent) throw new CliError(EXIT.refused, 'unavailable', error.message)
    const { code } = error as NodeJS.ErrnoException
    throw code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL'
      ? usage(`cannot listen on ${host}:${port}: ${code}`)
      : error
  })
}

/** Its value may be left away. */
function listenFlag(): Flag<typeof ANY_PORT | undefined> {
  const flag = text('--listen [host:port]', 'play a server here, and try the agent that dials it', {
    shown: 'do not listen',
  })
  const read = (raw: Raw, name: string) => (raw === true ? ANY_PORT : listenAddress(String(raw), name))
  return { ...flag, fallback: undefined, read }
}

function knowsRules(given: readonly string[], rules: readonly Rule[]): void {
  const unknown = given.find((id) => rules.every((rule) => rule.id !== id))
  if (unknown === undefined) return
  throw usage(`--rule ${unknown}: the rules that can be tried here are ${rules[0]?.id} to ${rules.at(-1)?.id}`)
}

const COLORS = { pass: 32, fail: 31, skipped: 33 } as const
const INDENT = ' '.repeat(17)

function report(verdicts: readonly Verdict[], style: Style): string {
  const rows = verdicts.flatMap(({ id, level, text, verdict, seen, expected }) => [
    `${paint(verdict.padEnd(7), COLORS[verdict], style)}  ${id.padEnd(4)}  ${text}${level === 'required' ? '' : ' (recommended)'}`,
    ...(expected === undefined ? [] : [`${INDENT}expected: ${expected}`]),
    `${INDENT}seen: ${seen}`,
  ])
  return `${rows.join('\n')}\n\n${summary(verdicts)}\n`
}

function summary(verdicts: readonly Verdict[]): string {
  const of = (word: Verdict['verdict']) => verdicts.filter(({ verdict }) => verdict === word).map(({ id }) => id)
  const named = (word: string, ids: readonly string[]) =>
    ids.length === 0 ? [] : [`${ids.length} ${word} (${ids.join(', ')})`]
  const counts = [...named('failed', of('fail')), ...named('skipped', of('skipped'))]
  return [`${of('pass').length} of ${verdicts.length} passed`, ...counts].join(', ')
}
