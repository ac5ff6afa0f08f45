import { day, hour, KiB, MiB, minute, second } from './units.ts'

/**
 * Every number of the wire in one place, but those of `admission.ts`. Bytes, milliseconds and counts; the server tells an
 * agent the ones in force in `welcome.limits`. A test holds `docs/protocol.md` equal to both files.
 */

/** The WebSocket subprotocol both ends must agree on. */
export const SUBPROTOCOL = 'drumline.v1'
/** Versions this build speaks, best first. */
export const VERSIONS: readonly number[] = [1]
/** Optional behaviours both ends must name before either uses one. None in v1. */
export const FEATURES: readonly string[] = []

/** Framing: what fits into one WebSocket message. */
export const MESSAGE = {
  /** Frames in one batch. */
  frames: 256,
  /** A sender closes a batch at this many bytes; a single larger frame travels alone. */
  batchBytes: 64 * KiB,
  /** A machine's hello and its welcome. */
  helloBytes: 1 * MiB,
  /** Any later message of a machine, and of the server. */
  bytes: 256 * KiB,
  /** Any message of a browser. */
  browserBytes: 16 * KiB,
  /** Nesting of a parsed frame. */
  depth: 24,
  /** Values in a parsed frame (objects, arrays and leaves). */
  nodes: 10_000,
  /** The same in a hello or a welcome, whose claims may name every step. */
  helloNodes: 200_000,
  /** Entries in a superjson `meta`: a full page of workflows has up to seven dates a row. */
  metaEntries: 2_000,
  /** Digits of a superjson bigint. */
  bigintDigits: 20,
  /** Characters of an error's message. */
  errorText: 256,
} as const

/** Correlation: how much may be asked at once. */
export const CALLS = {
  /** Requests in flight on a connection; `next` and `extend` are outside of it. */
  inFlight: 512,
  /** Large answers begin while they have room within so many unsent bytes; with more the server stops reading that socket. */
  unsentBytes: 1 * MiB,
  /** Where half of it is not free again so long after there was too little room, the server closes (4003). */
  unsentMs: 10 * second,
} as const

/** Logs: frames, credit and the agent's spool. */
export const LOGS = {
  /** UTF-8 bytes of `text` in one log frame. */
  frameBytes: 16 * KiB,
  /** Lines in one log frame. */
  frameLines: 1000,
  /** Runs in one log frame. */
  frameRuns: 500,
  /** A longer line is cut into pieces that say they continue. */
  lineBytes: 8 * KiB,
  /** What a line costs in credit beside its bytes. */
  lineCost: 32,
  /** The longest a buffered line waits before it leaves. */
  flushMs: 200,
  /** Window a server grants beyond what it has disposed of: at least, at most, and how many milliseconds’ worth. */
  windowMin: 64 * KiB,
  /** The most. */
  windowMax: 1 * MiB,
  /** Of its mean rate of late: so long does control wait on a slow link. */
  windowMs: 100,
  /** How far “of late” looks back. */
  windowLookMs: 400,
  /** Log bytes a server holds in memory for all its agents; beyond it windows shrink to one line. */
  serverBytes: 64 * MiB,
  /** What an agent keeps in memory of unsent and unacknowledged lines. */
  memoryBytes: 16 * MiB,
  /** What it then keeps in a file; beyond it a gap is cut out of the middle. */
  spoolBytes: 256 * MiB,
  /** A closed attempt whose logs stand still this long is `incomplete`. */
  idleMs: 1 * hour,
} as const

/** Liveness, below the 55–60 s at which proxies cut an idle connection. */
export const LIVENESS = {
  /** From the open socket to the hello; then the server closes. */
  helloMs: 5 * second,
  /** From the hello to the welcome; then the client closes. */
  welcomeMs: 20 * second,
  /** The server pings this often (the first at random in the second half of it). */
  pingMs: 15 * second,
  /** The server gives a socket up after this long without a received byte. */
  serverMs: 25 * second,
  /** The agent gives its socket up after this long without a received byte. */
  agentMs: 40 * second,
  /** A page that is looked at again asks its socket, and gives it up after this long without an answer. */
  prodMs: 4 * second,
  /** Of a message that was begun at least `trickleBytes` must come within this; then either end closes. */
  trickleMs: 10 * second,
  /** So little that no link is as slow. */
  trickleBytes: 4 * KiB,
  /** A client that the server sends away has so long for its goodbye, which may stand behind all that is on a slow link. */
  goodbyeMs: 4 * second,
  /** A server whose own loop stalled this long restarts its liveness timers before it judges them. */
  stallMs: 2 * second,
} as const

/** Reconnecting, in milliseconds. */
export const RECONNECT = {
  /** The first wait is random from here … */
  firstMin: 250,
  /** … to here. */
  firstMax: 5_250,
  /** The n-th wait is random below min(capMs, 2ⁿ s). */
  capMs: 20 * second,
  /** A connection that held this long resets the count. */
  stableMs: 60 * second,
  /** 4502, 4503 and repeated protocol closes are retried this slowly, so that one bad release does not strand a fleet. */
  slowMin: 5 * minute,
  /** To here. */
  slowMax: 10 * minute,
} as const

/** Leases and offers. */
export const LEASE = {
  /** Time to live of a lease that names none. */
  ttlMs: 5 * minute,
  /** The least that a server accepts. */
  ttlMin: 30 * second,
  /** The most: a day. */
  ttlMax: 1 * day,
  /** The least a server started with `--test-timings` accepts. */
  ttlTest: 1 * second,
  /** The agent extends all its leases this often, and at least `extendsPerTtl` times a TTL. */
  extendMs: 20 * second,
  /** How often at least. */
  extendsPerTtl: 3,
  /** The agent begins to stop this long before TTL − grace. */
  fenceMarginMs: 5 * second,
  /** The server expires this late. */
  expireLateMs: 10 * second,
  /** SIGTERM to SIGKILL. */
  graceMs: 10 * second,
  /** Accepting an offer. */
  offerMs: 10 * second,
  /** After a decline or a lapse the same agent is not offered the same workflow for this long. */
  excludeMs: 30 * second,
  /** Offers without `init` before the workflow ends in `error`. */
  offersMax: 5,
  /** Accepted attempts lost with their agent before the workflow ends in `error`. */
  attemptsMax: 3,
  /** The sweep writes its `alive` mark this often; one older than `awayMs` means the server was away. */
  aliveMs: 5 * second,
  /** How old that mark may be. */
  awayMs: 15 * second,
  /** An agent that has not stopped this long after the grace is revoked. */
  stopLateMs: 30 * second,
  /** An agent that runs this long past the timeout is revoked. */
  timeoutLateMs: 60 * second,
  /** cancel and revoke are repeated this often until receipted. */
  repeatMs: 5 * second,
} as const

/** The feed that dashboards and followers subscribe to. */
export const FEED = {
  /** Events of a topic that a subscriber who returns can be given, at most … */
  historyEvents: 300,
  /** … and not older than this. */
  historyMs: 5 * minute,
  /** What one slow subscriber may hold back. */
  queueBytes: 1 * MiB,
  /** The same in events. */
  queueEvents: 1024,
} as const

/** How a server did of late: the points of the topic `trend`. */
export const TREND = {
  /** The span of one point. */
  spanMs: 10 * second,
  /** Points that a server keeps: an hour of them. */
  points: 360,
} as const

/** Shapes of what users submit. */
export const SHAPE = {
  /** Characters of a name. */
  nameChars: 200,
  /** Characters of a label’s key, and of its value. */
  labelChars: 200,
  /** Labels of a workflow or an agent. */
  labels: 64,
  /** Variables of a workflow or a step, and secrets. */
  environment: 256,
  /** Characters of a variable’s value. */
  environmentBytes: 32 * KiB,
  /** Steps of a workflow. */
  steps: 100,
  /** Commands of a step. */
  commands: 1000,
  /** Characters of a command. */
  commandBytes: 64 * KiB,
  /** Workflows that one waits for. */
  dependencies: 100,
  /** Workflows in one `submit`. */
  workflowsPerSubmit: 100,
  /** Leases in one hello or `extend`. */
  claims: 512,
  /** Workflows an agent runs at a time. */
  capacity: 256,
  /** Bytes of a workflow file. */
  fileBytes: 1 * MiB,
  /** Rows on a page of a list. */
  page: 50,
  /** The most. */
  pageMax: 200,
  /** Text bytes on a page of logs. */
  logPageBytes: 128 * KiB,
  /** An operator's idempotency key is remembered this long. */
  keyMs: 1 * day,
} as const

/** Looking for text: what one call looks at, so that no write waits long for it. */
export const SEARCH = {
  /** Characters of what is looked for in a log. */
  logChars: 256,
  /** UTF-8 bytes of log text that one `logs.search` looks at: less where it is no plain ASCII. */
  logText: 4 * MiB,
  /** Numbers of lines in its answer: no fewer than a log frame has lines. */
  logLines: 1000,
  /** Characters of what is looked for in a list. */
  listChars: 100,
  /** Workflows that one `list` looks at for those that fit. */
  listRows: 5000,
  /** Searches that wait for their turn at a server. */
  waiting: 64,
} as const

/** The numbers a `welcome` tells the agent. */
export interface Limits {
  /** UTF-8 bytes of a message. */
  messageBytes: number
  /** Frames in a batch. */
  frames: number
  /** Requests without an answer. */
  inFlight: number
  /** UTF-8 bytes of text in a log frame. */
  logFrameBytes: number
  /** Lines in a log frame. */
  logFrameLines: number
  /** Runs in a log frame. */
  logFrameRuns: number
  /** UTF-8 bytes of a line; a longer one is cut into pieces. */
  lineBytes: number
}

/** What this build puts into `welcome.limits`. */
export const LIMITS_IN_FORCE: Limits = {
  messageBytes: MESSAGE.bytes,
  frames: MESSAGE.frames,
  inFlight: CALLS.inFlight,
  logFrameBytes: LOGS.frameBytes,
  logFrameLines: LOGS.frameLines,
  logFrameRuns: LOGS.frameRuns,
  lineBytes: LOGS.lineBytes,
}
