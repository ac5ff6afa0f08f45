import { z } from 'zod'
import { Claim, ClaimVerdict } from './claims.ts'
import { ERROR_CODES } from './errors.ts'
import { LOGS, MESSAGE, SHAPE } from './limits.ts'
import { isWholeLog } from './lines.ts'
import { Id, Lease } from './names.ts'
import type { FeedData } from './views.ts'
import { AgentInfo, Count, Duration, Line, LogRun, Millis } from './workflow.ts'

/**
 * Every frame of `drumline.v1`, with its direction: `client` is whoever dialled (agent, CLI, page), `server` the other.
 * A frame is a JSON object with `type`; unknown keys are refused, except in `hello`, which comes before negotiation.
 */

const Reason = z.string().max(1024).describe('For people.')
const CallId = z.int().min(1).describe('1, 2, 3 … on each connection, given by the client.')
const StepId = Id.describe('A step of the workflow.')
const WorkflowId = Id.describe('The workflow, for people and logs; the lease decides.')
const Subscription = Id.describe('The name that the client gave it.')

const Limits = z.strictObject({
  messageBytes: Count,
  frames: Count,
  inFlight: Count,
  logFrameBytes: Count,
  logFrameLines: Count,
  logFrameRuns: Count,
  lineBytes: Count,
})

const ErrorDetail = z.strictObject({
  file: z.string().optional(),
  line: Line.optional(),
  column: Line.optional(),
  message: z.string(),
})

const ErrorBody = z.strictObject({
  code: z.enum(ERROR_CODES),
  message: z.string().max(MESSAGE.errorText),
  retry: z.enum(['never', 'later', 'reauth']),
  outcome: z.enum(['none', 'applied', 'unknown']),
  retryAfterMs: Duration.optional(),
  details: z.array(ErrorDetail).max(20).optional(),
})

const Hello = z.object({
  type: z.literal('hello'),
  versions: z.array(z.int()).min(1).max(16).describe('All that the client speaks.'),
  features: z.array(z.string().max(64)).max(64).describe('All that the client could use.'),
  boot: Id.describe('One per `connect()`, shown to nobody.'),
  dial: z.int().min(1).describe('+1 per attempt of this boot.'),
  replaces: z.array(Id).max(64).optional().describe('Former boots of this data directory.'),
  keepaliveMs: Duration.optional().describe(
    'An agent pings this often, since a quiet connection was cut on the way; for people.',
  ),
  ticket: Id.optional().describe('A browser’s one-time ticket.'),
  agent: AgentInfo.optional().describe('An agent says who it is; other clients leave it out.'),
  visit: z.boolean().optional().describe('True: comes to look, also with an agent’s credential, and is no agent.'),
  claims: z.array(Claim).max(SHAPE.claims).describe('Every lease that the agent holds.'),
})

const Welcome = z.strictObject({
  type: z.literal('welcome'),
  version: z.int().describe('The one in force.'),
  features: z.array(z.string()).describe('Those in force.'),
  connection: Count.describe('Raised with every hello of this agent.'),
  server: z.strictObject({ id: Id, version: z.string() }).describe('`version` of its software.'),
  agent: z.strictObject({ id: Id, name: z.string() }).optional().describe('As the server knows it.'),
  limits: Limits.describe('What this connection may carry.'),
  heartbeat: z
    .strictObject({ intervalMs: Duration, timeoutMs: Duration })
    .describe('The agent’s pair: pings come this often; give the socket up after so long without a byte.'),
  credit: Count.describe('The first log limit of this connection.'),
  claims: z.array(ClaimVerdict).describe('A verdict for each claim.'),
})

const Request = z.strictObject({
  type: z.literal('request'),
  id: CallId,
  /** Any length: a name nobody has is answered `unknown_method`, not a broken envelope. */
  method: z.string().describe('One of the table of methods.'),
  params: z.unknown().describe('As the method says.'),
  key: z.string().min(1).max(64).optional().describe('Operators’ mutations: the same key has one effect.'),
  timeoutMs: Duration.optional().describe('Relative; the server answers `deadline` after it.'),
})

const Response = z.strictObject({
  type: z.literal('response'),
  id: CallId,
  result: z.unknown().describe('As the method says.'),
})

const ErrorFrame = z.strictObject({
  type: z.literal('error'),
  id: CallId,
  error: ErrorBody.describe('See Errors.'),
})

const Abort = z.strictObject({ type: z.literal('abort'), id: CallId })

const Cancel = z.strictObject({
  type: z.literal('cancel'),
  workflowId: WorkflowId,
  lease: Lease,
  revision: z.int().min(1).describe('Counts per workflow; an agent acts once on each.'),
  reason: Reason,
  graceMs: Duration.describe('From SIGTERM to SIGKILL.'),
})

const Revoke = z.strictObject({
  type: z.literal('revoke'),
  workflowId: WorkflowId,
  lease: Lease,
  revision: z.int().min(0).describe('Counts with those of cancel.'),
  reason: Reason,
})

/** How far an agent got with a cancel or revoke. */
export const RECEIPT_PHASES = ['received', 'stopping', 'stopped'] as const
const Receipt = z.strictObject({
  type: z.literal('receipt'),
  lease: Lease,
  revision: z.int().min(0).describe('Of the cancel or revoke.'),
  phase: z.enum(RECEIPT_PHASES).describe('How far the agent got with it.'),
})

const Log = z
  .strictObject({
    type: z.literal('log'),
    lease: Lease,
    stepId: StepId,
    from: Line.describe('Number of the first line.'),
    text: z.string().max(LOGS.frameBytes).describe('Whole lines, each ended by `\n`.'),
    runs: z
      .array(LogRun)
      .min(1)
      .max(LOGS.frameRuns)
      .describe('How many lines came together, milliseconds since the step started, what they are.'),
  })
  .refine(isWholeLog, 'text and runs do not agree, or it is over the limits')

const Gap = z.strictObject({
  type: z.literal('gap'),
  lease: Lease,
  stepId: StepId,
  from: Line.describe('The first line that will not come.'),
  to: Line.describe('The last of them.'),
  reason: Reason,
})

const Missed = z.strictObject({
  type: z.literal('missed'),
  subscription: Subscription,
  from: Count.describe('The first offset that will not come.'),
  to: Count.describe('The last of them.'),
  reason: Reason,
})

const Stored = z.strictObject({
  type: z.literal('stored'),
  lease: Lease,
  stepId: StepId,
  upto: Count.describe('The last line on disk.'),
  rewind: z.boolean().optional().describe('A hole was seen: go on from `upto` + 1.'),
})

const Credit = z.strictObject({
  type: z.literal('credit'),
  limit: Count.describe('Cumulative on this connection; never lowered.'),
})

const Event = z.strictObject({
  type: z.literal('event'),
  subscription: Subscription,
  offset: Count.describe('Rises within the topic.'),
  data: z.unknown().describe('Rich: what has changed.'),
})

const Ping = z.strictObject({
  type: z.literal('ping'),
  at: Millis.optional().describe('For the sender to measure by; sent back.'),
})
const Pong = z.strictObject({
  type: z.literal('pong'),
  at: Millis.optional().describe('For the sender to measure by; sent back.'),
})

const Bye = z.strictObject({
  type: z.literal('bye'),
  afterMs: Duration.describe('This client’s own slot: reconnect after so long.'),
  reason: Reason,
})

/** Who may send a frame. `agent` is a client that sent `agent` in its hello. */
export type Sender = 'client' | 'agent' | 'server' | 'both'

/** Every frame: who sends it, and its schema. */
export const FRAMES = {
  /** The first of whoever dialled: who it is, and what it still holds. */
  hello: { from: 'client', schema: Hello },
  /** The answer: what is in force, and a verdict for each claim. */
  welcome: { from: 'server', schema: Welcome },
  /** A question. */
  request: { from: 'client', schema: Request },
  /** Its answer. */
  response: { from: 'server', schema: Response },
  /** Its refusal. */
  error: { from: 'server', schema: ErrorFrame },
  /** Nobody waits for the answer any more. */
  abort: { from: 'client', schema: Abort },
  /** Stop this attempt and report it as canceled. */
  cancel: { from: 'server', schema: Cancel },
  /** Stop this attempt and report nothing. */
  revoke: { from: 'server', schema: Revoke },
  /** How far the agent got with a cancel or revoke. */
  receipt: { from: 'agent', schema: Receipt },
  /** Lines of a step. */
  log: { from: 'agent', schema: Log },
  /** Lines that will never come. */
  gap: { from: 'agent', schema: Gap },
  /** Events that will never come. */
  missed: { from: 'server', schema: Missed },
  /** Lines that are on disk. */
  stored: { from: 'server', schema: Stored },
  /** How much log may be sent. */
  credit: { from: 'server', schema: Credit },
  /** Something has changed. */
  event: { from: 'server', schema: Event },
  /** Are you there? */
  ping: { from: 'both', schema: Ping },
  /** Here. */
  pong: { from: 'both', schema: Pong },
  /** The server goes: come back after your own slot. */
  bye: { from: 'server', schema: Bye },
} as const satisfies Record<string, { from: Sender; schema: z.ZodType }>

/** Its `type`. */
export type FrameType = keyof typeof FRAMES
/** A frame as code sees it. An event's `data` travels as superjson `{json, meta?}`; the codec puts it in and takes it out. */
export type FrameOf<T extends FrameType> = T extends 'event'
  ? Omit<z.infer<typeof Event>, 'data'> & { data: FeedData }
  : z.infer<(typeof FRAMES)[T]['schema']>
/** Any frame. */
export type Frame = { [T in FrameType]: FrameOf<T> }[FrameType]
