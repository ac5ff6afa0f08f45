import type { Log } from '../../protocol/index.ts'
import { type Server, type ServerOptions, StartError, startServer } from '../../server/index.ts'
import { data, isLoopback, json } from '../connect.ts'
import { dashboardOf } from '../dashboard.ts'
import { type Context, define } from '../define.ts'
import { CliError, EXIT, usage } from '../errors.ts'
import { duration, durationOr, text, textOr, texts, toggle } from '../flags.ts'
import { listenAddress } from '../listen.ts'
import { logFor } from '../logger.ts'
import { crashOf } from '../probe.ts'
import { untilStopped } from '../stop.ts'
import { reloadTls, TLS, tlsOf } from '../tls.ts'
import { LIMIT_FLAGS } from './serve-limits.ts'

const TRUST =
  'the proxies in front, which do TLS: addresses, ranges such as 10.0.0.0/8, loopback; what they say of clients counts'

const ORIGIN = 'whose pages may log in: https://ci.example.com; default: where it is reached by TLS, or on loopback'

const FLAGS = {
  listen: textOr('--listen <host:port>', 'where to listen; port 0 is any free one', '127.0.0.1:7800', {
    twin: 'DRUMLINE_LISTEN',
  }),
  data: { ...data, about: 'folder of the database and the admin token', heading: undefined },
  store: text('--store <url>', 'where workflows are kept: sqlite:PATH, default sqlite:DATA/drumline.db', {
    twin: 'DRUMLINE_STORE',
  }),
  keep: durationOr(
    'forever',
    '--keep <duration>',
    'how long ended workflows and their logs are kept; forever: all of them',
    {
      twin: 'DRUMLINE_KEEP',
      shown: '30d',
    },
  ),
  auditKeep: durationOr('forever', '--audit-keep <duration>', 'how long it is known who did what; forever: all of it', {
    twin: 'DRUMLINE_AUDIT_KEEP',
    shown: '90d',
  }),
  lease: duration('--lease <duration>', 'how long an agent may be silent before its work moves on, default 5m', {
    twin: 'DRUMLINE_LEASE',
  }),
  ...TLS,
  trustProxy: texts('--trust-proxy <addresses>', TRUST, { twin: 'DRUMLINE_TRUST_PROXY' }),
  origin: texts('--origin <url>', ORIGIN, { twin: 'DRUMLINE_ORIGIN' }),
  ...LIMIT_FLAGS,
  testTimings: toggle('--test-timings', 'leases from 1 s, margins in proportion; for tests only', {
    twin: 'DRUMLINE_TEST_TIMINGS',
  }),
  json,
}

export const serve = define({
  name: 'serve',
  about:
    'Run the server: the bus, the queue and its database in one folder. Ready once /readyz answers 200. To a terminal it prints ' +
    'a link that opens the dashboard. SIGTERM: no more work is handed out, everyone is sent off within a minute, exit 0; a second SIGTERM exits at once and loses nothing. SIGHUP reads the certificate again.',
  flags: FLAGS,
  json: '{"listening","adminTokenFile"} as its first line',
  exits: [[EXIT.usage, 'wrong usage, a port that is taken, a newer database, an address or a certificate it refuses']],
  examples: [
    'drumline serve',
    'drumline serve --listen 127.0.0.1:8000 --data /var/lib/drumline',
    'drumline serve --listen 10.0.0.5:7800 --trust-proxy 10.0.0.2',
    'drumline serve --listen :443 --tls-cert fullchain.pem --tls-key key.pem',
    'drumline serve --store sqlite:/mnt/fast/drumline.db --keep 90d',
  ],
  run,
})

async function run(context: Context<typeof FLAGS>): Promise<number> {
  const { world } = context
  const log = logFor(world)
  const server = await start(await optionsOf(context, log))
  const ignore = onReload(context, server, log)
  await announce(context, server)
  await untilStopped(world, {
    finished: server.closed,
    gently: () => server.drain(),
    atOnce: () => server.close(),
  })
  ignore()
  return EXIT.ok
}

/** SIGHUP is taken over only where there is something to read again. */
function onReload({ world, flags }: Context<typeof FLAGS>, server: Server, log: Log): () => void {
  if (flags.tlsCert === undefined) return () => {}
  let turn = Promise.resolve()
  return world.onSignal('SIGHUP', () => {
    turn = turn.then(() => reloadTls(server, flags, log))
  })
}

async function optionsOf({ world, flags }: Context<typeof FLAGS>, log: Log): Promise<ServerOptions> {
  const { host, port } = listenAddress(flags.listen)
  const tls = await tlsOf(flags)
  if (!isLoopback(host) && tls === undefined && flags.trustProxy.length === 0) {
    const why = 'tokens and logs would cross the network in the clear'
    const mend = 'give --tls-cert and --tls-key, or put a TLS proxy in front and name its address with --trust-proxy'
    throw usage(`refusing to listen on ${host}: ${why}; ${mend}`)
  }
  const { DRUMLINE_ADMIN_TOKEN: adminToken } = world.env
  const crash = crashOf(world)
  return {
    host,
    port,
    data: flags.data,
    ...databaseOf(flags.store),
    ...(tls === undefined ? {} : { tls }),
    trustProxy: flags.trustProxy,
    origins: flags.origin,
    ...(flags.keep === undefined ? {} : { keepMs: flags.keep }),
    ...(flags.auditKeep === undefined ? {} : { auditKeepMs: flags.auditKeep }),
    ...(flags.lease === undefined ? {} : { leaseMs: flags.lease }),
    ...(adminToken ? { adminToken } : {}),
    ...(crash === undefined ? {} : { crash }),
    maxConnections: flags.maxConnections,
    maxConnectionsPerAddress: flags.maxConnectionsPerAddress,
    testTimings: flags.testTimings,
    log,
  }
}

function databaseOf(store: string | undefined): { database?: string } {
  if (store === undefined) return {}
  const [, scheme = '', path = ''] = /^([a-z]+):(.*)$/.exec(store) ?? []
  if (/^postgres(ql)?$/.test(scheme))
    throw usage('--store postgres: is not in this version; leave it away to use SQLite')
  if (scheme !== 'sqlite' || path === '') throw usage(`--store must be sqlite:PATH, not ${JSON.stringify(store)}`)
  return { database: path }
}

async function start(options: ServerOptions): Promise<Server> {
  try {
    return await startServer(options)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new CliError(EXIT.usage, error instanceof StartError ? error.code : 'internal', `cannot start: ${message}`)
  }
}

async function announce({ world, flags }: Context<typeof FLAGS>, server: Server): Promise<void> {
  const { url, adminTokenFile } = server
  if (flags.json) {
    await world.stdout.write(`${JSON.stringify({ listening: url, adminTokenFile })}\n`)
    return
  }
  await world.stdout.write(`listening on ${url}\n`)
  await world.stdout.write(`admin token in ${adminTokenFile}\n`)
  await world.stdout.write(`${await dashboardOf(world, server)}\n`)
  if (flags.testTimings)
    await world.stderr.write('drumline: --test-timings is for tests only: leases this short lose work\n')
}
