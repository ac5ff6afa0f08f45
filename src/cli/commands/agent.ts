import {
  agentInfo,
  type ConnectOptions,
  type Isolation,
  type Journal,
  JournalError,
  localBackend,
  openJournal,
  ownToken,
  runAgent,
} from '../../agent/index.ts'
import { BusError, CloseError, type Log, SHAPE } from '../../protocol/index.ts'
import { CREDENTIAL, checkUrl, givenFile, givenToken, readToken, url, warnOfToken } from '../connect.ts'
import { type Context, define } from '../define.ts'
import { enrolled, isEnrolment } from '../enrolment.ts'
import { CliError, EXIT, usage } from '../errors.ts'
import { integer, list, pairs, text } from '../flags.ts'
import { ISOLATION, isolationOf } from '../isolation.ts'
import { logFor } from '../logger.ts'
import { NETWORK, networkOf, warnOfDanger } from '../network.ts'
import { probeOf } from '../probe.ts'
import { untilStopped } from '../stop.ts'

const FLAGS = {
  url,
  ...CREDENTIAL,
  ...NETWORK,
  name: text('--name <name>', "as it is listed; default the machine's name and a suffix", { twin: 'DRUMLINE_NAME' }),
  capacity: integer(
    '--capacity <n>',
    'workflows at a time',
    { least: 1, most: SHAPE.capacity, fallback: 1 },
    { twin: 'DRUMLINE_CAPACITY' },
  ),
  label: pairs('--label <k=v>', 'what this machine is, for workflows that ask for it; may be given several times', {
    twin: 'DRUMLINE_LABEL',
  }),
  passEnv: list('--pass-env <name>', 'variable of this process that steps get too; may be given several times', {
    twin: 'DRUMLINE_PASS_ENV',
  }),
  data: text(
    '--data <dir>',
    'folder of its own: what it holds there it delivers or clears away after a crash; default none',
    { twin: 'DRUMLINE_AGENT_DATA' },
  ),
  ...ISOLATION,
}

export const agent = define({
  name: 'agent',
  about:
    'Run workflows of a server on this machine. It keeps trying without a server. SIGTERM: takes no more work, finishes and ' +
    'delivers what runs, leaves; a second SIGTERM cancels what runs.',
  flags: FLAGS,
  exits: [
    [EXIT.ok, 'it was told to leave, and everything was finished and delivered'],
    [EXIT.failed, 'it was told twice: what ran was canceled'],
    [EXIT.usage, 'wrong usage, another agent has --data, or steps cannot be kept apart as asked'],
    [EXIT.refused, 'the server refuses it: the credential is wrong or revoked, or another took its place'],
  ],
  examples: [
    'DRUMLINE_TOKEN=drl_… drumline agent --url https://ci.example.com',
    'drumline agent --url http://127.0.0.1:7800 --token-file ./token --capacity 4 --label pool=fast',
    'drumline agent --url https://ci.example.com --token-file ./token --data /var/lib/drumline-agent',
    'DRUMLINE_TOKEN=dre_… drumline agent --url https://ci.example.com --data /var/lib/drumline-agent',
    'drumline agent --token-file /etc/drumline/token --capacity 4 --run-as 200000-200003 --sandbox',
    'drumline agent --token-file ./token --pass-env HTTPS_PROXY --pass-env NODE_EXTRA_CA_CERTS',
  ],
  run,
})

type Options = ConnectOptions & { log: Log; token: string }

async function run(context: Context<typeof FLAGS>): Promise<number> {
  const { world, flags } = context
  const options = await optionsOf(context)
  const { log } = options
  // First: it ends what a dead agent left running as one of its users.
  const isolation = await isolated(context, log)
  const journal = await journalOf(context, log).catch(async (error: unknown) => {
    await isolation?.close()
    throw error
  })
  try {
    // It clears away what was left under its root: only after the journal has told what that is.
    const work = localBackend({ baseEnv: world.env, passEnv: [...flags.passEnv], log, ...(isolation && { isolation }) })
    const token = await tokenOf(context, options, journal)
    const running = runAgent({ ...options, token, run: work, ...(journal === undefined ? {} : { journal }) })
    const how = await untilStopped(world, {
      finished: running.finished,
      gently: () => {
        log.info({}, 'leaving: no more work is taken, what runs is finished and delivered; a second signal cancels it')
        return running.drain()
      },
      atOnce: () => running.stop('the agent was told to stop'),
    })
    return how === 'atOnce' ? EXIT.failed : EXIT.ok
  } catch (error) {
    throw refusal(error)
  } finally {
    await journal?.close()
    await isolation?.close()
  }
}

async function isolated(context: Context<typeof FLAGS>, log: Log): Promise<Isolation | undefined> {
  const { flags, from } = context
  if (from('token') === 'flag' && flags.runAs.length > 0 && !flags.sandbox)
    throw usage('--token can be read by every step in the list of processes: use DRUMLINE_TOKEN or --token-file')
  const secrets = [flags.tokenFile, flags.data, flags.clientKey]
  return isolationOf(context, { capacity: flags.capacity, secrets, log })
}

async function journalOf({ flags }: Context<typeof FLAGS>, log: Log): Promise<Journal | undefined> {
  if (flags.data === undefined) return undefined
  try {
    return await openJournal({ directory: flags.data, log })
  } catch (error) {
    throw error instanceof JournalError ? usage(`--data: ${error.message}`) : error
  }
}

/** Read again for each connection, so that a token which is replaced needs no new start. */
async function tokenOf(
  context: Context<typeof FLAGS>,
  { url, token, network = {}, agent, log }: Options,
  journal: Journal | undefined,
): Promise<ConnectOptions['token']> {
  if (isEnrolment(token)) {
    const { data: directory = '' } = context.flags
    const { name } = agentInfo(agent, journal?.suffix)
    return enrolled({ url, network, token, directory, name, log })
  }
  const file = givenFile(context)
  return file === undefined ? token : () => readToken(file).catch(() => token)
}

async function optionsOf(context: Context<typeof FLAGS>): Promise<Options> {
  const { world, flags } = context
  checkUrl(flags.url)
  for (const name of flags.passEnv)
    if (name === 'DRUMLINE_TOKEN') throw usage('--pass-env may not hand the credential to steps')
  const network = await networkOf(context)
  const token = (await givenToken(context)) ?? (await enrolledBefore(flags.data))
  if (isEnrolment(token ?? '') && flags.data === undefined)
    throw usage('an enrolment token needs --data: there the agent keeps the credential that it gets for it')
  if (token === undefined) {
    const how = 'make one with `drumline token create --role agent`, then set DRUMLINE_TOKEN or give --token-file'
    throw new CliError(EXIT.refused, 'forbidden', `no credential: ${how}`)
  }
  await warnOfToken(context, false)
  await warnOfDanger(context, false)
  const log = logFor(world)
  const info: ConnectOptions['agent'] = {
    capacity: flags.capacity,
    labels: { ...flags.label },
    ...(flags.name === undefined ? {} : { name: flags.name }),
  }
  return { url: flags.url, token, network, agent: info, log, probe: probeOf(world) }
}

async function enrolledBefore(directory: string | undefined): Promise<string | undefined> {
  const own = directory === undefined ? undefined : await ownToken(directory)
  return own?.enrolled === true ? own.token : undefined
}

/** What ends an agent for good is the server's refusal. */
function refusal(error: unknown): unknown {
  if (error instanceof CloseError)
    return new CliError(EXIT.refused, 'forbidden', `the server refused: ${error.code} ${error.reason}`)
  if (error instanceof BusError) return new CliError(EXIT.refused, error.code, error.message)
  if (error instanceof TypeError) return usage(error.message)
  return error
}
