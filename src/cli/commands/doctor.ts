import { busUrl, examine, type Finding } from '../../doctor/index.ts'
import { CONNECT, checkUrl, credentialIfAny, warnOfToken } from '../connect.ts'
import { type Context, define } from '../define.ts'
import { EXIT, usage } from '../errors.ts'
import { duration } from '../flags.ts'
import { paint, printable, type Style, showDuration, styleOf } from '../format.ts'
import { networkOf, warnOfDanger } from '../network.ts'

const IDLE_MS = 20_000
const PATIENCE_MS = 10_000

const FLAGS = {
  idle: duration('--idle <duration>', 'how long to hold a quiet connection; 0s: not at all', {
    shown: showDuration(IDLE_MS),
  }),
  ...CONNECT,
}

export const doctor = define({
  name: 'doctor',
  about:
    'Name what stands between this machine and a server, from the nearest outwards: a line for each check, and for each that fails what ' +
    'would mend it. It goes the way that an agent goes, with the same flags and variables, and leaves nothing behind on the server. ' +
    'Any credential will do; without one, what is behind the door is not tried.',
  args: [['[url]', 'where the server is; default --url']],
  flags: FLAGS,
  json: '{"url", "ok", "checks":[{check, status, found, code?, mend?, ms}]}\nstatus: ok warning failed skipped untried',
  exits: [
    [EXIT.ok, 'nothing failed; a warning is no failure'],
    [EXIT.refused, 'a check failed: neither an agent nor a command would get through, or not stay'],
  ],
  examples: [
    'drumline doctor https://ci.example.com',
    'drumline doctor https://example.com/ci --token-file ./token --idle 70s',
    'drumline doctor https://ci.example.com --proxy http://proxy:3128 --ca ./ca.pem --json',
  ],
  run,
})

async function run(given: Context<typeof FLAGS>): Promise<number> {
  const { world, args } = given
  if (args[0] !== undefined && given.from('url') === 'flag') throw usage('give the address or --url, not both')
  const flags = { ...given.flags, url: args[0] ?? given.flags.url }
  const context = { ...given, flags }
  const url = addressOf(flags.url)
  const network = await networkOf(context)
  const token = await credentialIfAny(context)
  await warnOfToken(context, flags.json)
  await warnOfDanger(context, flags.json)
  const style = styleOf(world.stdout, world.env)
  const checks: Finding[] = []
  for await (const finding of examine({
    url,
    token,
    network,
    patienceMs: PATIENCE_MS,
    idleMs: flags.idle ?? IDLE_MS,
  })) {
    checks.push(finding)
    if (flags.json) continue
    if (finding.status !== 'untried') await world.stdout.write(lineOf(finding, style))
    if (finding.check === 'push' && finding.status === 'ok' && world.stderr.isTerminal) {
      await world.stderr.write('drumline: holding a quiet connection for a while; --idle says for how long\n')
    }
  }
  const ok = checks.every(({ status }) => status !== 'failed')
  await world.stdout.write(flags.json ? `${JSON.stringify({ url: url.href, ok, checks })}\n` : summary(checks))
  return ok ? EXIT.ok : EXIT.refused
}

function addressOf(given: string): URL {
  checkUrl(given)
  try {
    return busUrl(given)
  } catch (error) {
    throw error instanceof TypeError ? usage(error.message) : error
  }
}

const MARKS: Readonly<Record<Finding['status'], readonly [unicode: string, plain: string, color: number]>> = {
  ok: ['✓', 'ok', 32],
  warning: ['!', 'warn', 33],
  failed: ['✗', 'FAIL', 31],
  skipped: ['–', '-', 2],
  untried: ['–', '-', 2],
}
const NAME_WIDTH = 11
const TIME_WIDTH = 5

function lineOf(finding: Finding, style: Style): string {
  const { check, status, found, ms } = finding
  const [sign, word, color] = MARKS[status]
  const mark = style.unicode ? sign : word.padEnd(4)
  const time = status === 'skipped' ? '' : showDuration(ms)
  const margin = `${mark} ${check.padEnd(NAME_WIDTH)} ${time.padStart(TIME_WIDTH)}  `
  const line = `${paint(mark, color, style)}${margin.slice(mark.length)}${printable(found)}\n`
  if (!('mend' in finding)) return line
  return `${line}${' '.repeat(margin.length)}${style.unicode ? '→' : '->'} ${printable(finding.mend)}\n`
}

function summary(checks: readonly Finding[]): string {
  const untried = checks.filter(({ status }) => status === 'untried')
  const [first] = untried
  const names = untried.map(({ check }) => check).join(', ')
  // What stands behind a fault says nothing of its own: a line for all of it.
  const rest = first === undefined ? '' : `not tried (${first.found}): ${names}\n`
  return `${rest}\n${verdict(checks)}\n`
}

function verdict(checks: readonly Finding[]): string {
  const named = (wanted: Finding['status']) =>
    checks.filter(({ status }) => status === wanted).map(({ check }) => check)
  const failed = named('failed')
  if (failed.length > 0) return `failed: ${failed.join(', ')}`
  const warned = named('warning')
  const far = named('untried').includes('welcome')
    ? 'nothing stands in the way as far as the door'
    : 'nothing stands in the way'
  return warned.length === 0 ? far : `${far}, but look at ${warned.join(', ')}`
}
