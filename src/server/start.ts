import { LEASE, noProbe, silentLog, systemClock } from '../protocol/index.ts'
import { crashProbe, probedStore } from './crash/index.ts'
import { type DataDirectory, takeDirectory } from './files/directory.ts'
import { type Entrance, entranceOf } from './http/entrance.ts'
import type { Server, ServerOptions } from './options.ts'
import { RunningServer } from './running.ts'
import { StartError } from './start-error.ts'
import { openSqlite } from './store/sqlite/index.ts'
import { timingsOf } from './timings.ts'

const SECOND = 1000
const HOUR = 3_600_000

/**
 * Starts a server. Resolves once it listens; rejects with `StartError` (or what the store says of its file), leaving
 * nothing behind.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  checkOptions(options)
  const entrance = entranceOf(options)
  const directory = await takeDirectory(options.data, options.database)
  try {
    return await startIn(directory, entrance, options)
  } catch (error) {
    await directory.release()
    throw error
  }
}

async function startIn(directory: DataDirectory, entrance: Entrance, options: ServerOptions): Promise<Server> {
  const { clock = systemClock, log = silentLog, leaseMs = LEASE.ttlMs, testTimings = false } = options
  // The store may fail before there is a server: then the start itself meets it.
  let failed = (_error: Error): void => {}
  const onFailure = (error: Error) => failed(error)
  const { keepMs, auditKeepMs } = options
  const kept = { ...(keepMs === undefined ? {} : { keepMs }), ...(auditKeepMs === undefined ? {} : { auditKeepMs }) }
  const { crash } = options
  const probe = crashProbe(crash)
  const dying = crash === undefined ? {} : { crash }
  const opened = await openSqlite(directory.database, { clock, leaseMs, testTimings, ...kept, ...dying, onFailure })
  const store = probe === noProbe ? opened : probedStore(opened, probe)
  const server = new RunningServer({ store, clock, log, directory, probe, timings: timingsOf(leaseMs, testTimings) })
  failed = (error) => server.fail(error)
  try {
    await server.start(entrance, options)
  } catch (error) {
    await server.close()
    throw error
  }
  return server
}

function checkOptions(options: ServerOptions): void {
  const { leaseMs, keepMs, auditKeepMs, testTimings = false, adminToken, data } = options
  const least = testTimings ? LEASE.ttlTest : LEASE.ttlMin
  if (leaseMs !== undefined && !(Number.isInteger(leaseMs) && leaseMs >= least && leaseMs <= LEASE.ttlMax)) {
    throw new StartError('bad_option', `the lease must be between ${least / SECOND} s and ${LEASE.ttlMax / HOUR} h`)
  }
  if (keepMs !== undefined && !(keepMs >= (testTimings ? SECOND : HOUR))) {
    throw new StartError('bad_option', 'ended workflows are kept for an hour or longer')
  }
  if (auditKeepMs !== undefined && !(auditKeepMs >= (testTimings ? SECOND : HOUR))) {
    throw new StartError('bad_option', 'the audit trail is kept for an hour or longer')
  }
  if (adminToken !== undefined && !/^[\x21-\x7e]{1,512}$/.test(adminToken)) {
    throw new StartError('bad_option', 'the admin token must be up to 512 printable characters without spaces')
  }
  for (const limit of [options.maxConnections, options.maxConnectionsPerAddress]) {
    // None of them means "no limit", and least of all 0.
    if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1)) {
      throw new StartError('bad_option', 'a limit of connections is a whole number from 1 on')
    }
  }
  if (data === '') throw new StartError('bad_option', 'the data directory has no name')
}
