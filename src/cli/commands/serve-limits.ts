import { DOOR } from '../../protocol/index.ts'
import { integer } from '../flags.ts'

const FROM_ONE = { least: 1, most: 1_000_000 }

/** Whom `serve` has room for. */
export const LIMIT_FLAGS = {
  maxConnections: integer(
    '--max-connections <n>',
    'connections of the bus at a time; more are told to come again',
    { ...FROM_ONE, fallback: DOOR.connections },
    { twin: 'DRUMLINE_MAX_CONNECTIONS' },
  ),
  maxConnectionsPerAddress: integer(
    '--max-connections-per-address <n>',
    'the same from one address; behind a proxy that is not trusted, all agents are one',
    { ...FROM_ONE, fallback: DOOR.perAddress },
    { twin: 'DRUMLINE_MAX_CONNECTIONS_PER_ADDRESS' },
  ),
}
