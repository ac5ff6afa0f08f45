import { z } from 'zod'
import { Clone } from './clone.ts'
import { LEASE, SHAPE } from './limits.ts'
import { Environment, GivenName, Id, Labels, VariableName } from './names.ts'

/** Milliseconds since 1970. */
export const Millis = z.int().min(0)
/** A length of time in milliseconds. */
export const Duration = z
  .int()
  .min(0)
  .max(366 * 24 * 3_600_000)

/** How many. */
export const Count = z.int().min(0)
/** The number of a line of a step; the first is 1. */
export const Line = z.int().min(1)

/** How a workflow that others wait for, or a step before this one, may have ended for this one to run. */
export const RunStatus = z.enum(['success', 'failure'])
export type RunStatus = z.infer<typeof RunStatus>

/** One step as it is submitted and as the agent runs it. */
export const StepSpec = z.strictObject({
  id: Id.describe('Unique in its workflow; all frames name the step by it.'),
  /** Unique in its workflow. */
  name: GivenName,
  /** Run one after the other by one shell, until one fails. May be empty for a backend of your own. */
  commands: z.array(z.string().max(SHAPE.commandBytes)).max(SHAPE.commands),
  clone: Clone.optional().describe('In place of commands: fetches a repository into the workspace.'),
  image: z.string().max(SHAPE.nameChars).optional().describe('For the local backend: the shell.'),
  /** Over the workflow’s; `NAME → value`. */
  environment: Environment.optional(),
  directory: z.string().max(4096).optional().describe('Inside the workspace unless absolute.'),
  dependsOn: z
    .array(Id)
    .max(SHAPE.steps)
    .optional()
    .describe('Ids of steps; once any step has it the workflow is a DAG.'),
  when: z
    .array(RunStatus)
    .max(2)
    .optional()
    .describe('Runs after these outcomes of what came before; missing is success only.'),
  /**
   * What its failure does to the workflow: `fail` it, nothing (`ignore`), or `cancel` what still runs as well. Missing:
   * `fail`.
   */
  failure: z.enum(['fail', 'ignore', 'cancel']).optional(),
  /** Holds up nothing and ends with the workflow; its own failure is ignored. */
  detach: z.boolean().optional(),
  /** Milliseconds until it is ended and fails. Missing: the workflow’s alone. */
  timeoutMs: Duration.optional(),
})
export type StepSpec = z.infer<typeof StepSpec>

/** What a user submits: one workflow, after matrix and names are resolved. */
export const WorkflowSpec = z.strictObject({
  /** For people; several workflows may have it. */
  name: GivenName,
  /** What an agent must have to be offered it. */
  labels: Labels,
  /** Of all steps; `NAME → value`. */
  environment: Environment,
  priority: z.int().min(-100).max(100).describe('−100 … 100, higher first.'),
  /** Milliseconds until it is stopped and fails, counted from `init`. */
  timeoutMs: Duration.min(1),
  graceMs: Duration.describe('SIGTERM to SIGKILL; at most a third of the lease.'),
  leaseMs: z
    .int()
    .min(LEASE.ttlTest)
    .max(LEASE.ttlMax)
    .optional()
    .describe('Time to live of the lease; missing is the server’s.'),
  /**
   * When the server is away for longer than the lease: `stop` it, to be run again, or `continue` and maybe run twice.
   */
  onOutage: z.enum(['stop', 'continue']),
  /** Accepted attempts lost with their agent before it ends in `error`. */
  maxAttempts: z.int().min(1).max(100),
  /** At most `limit` workflows of the same group run at a time, on all agents. */
  concurrency: z.strictObject({ group: GivenName, limit: z.int().min(1).max(10_000) }).optional(),
  dependsOn: z
    .array(GivenName)
    .max(SHAPE.dependencies)
    .describe('Names within the same submit, else ids the server knows.'),
  runsOn: z.array(RunStatus).max(2).describe('Empty is success.'),
  /** Names whose values come with `submit`. */
  secrets: z.array(VariableName).max(SHAPE.environment),
  /** In the order in which they run, unless one has `dependsOn`. */
  steps: z.array(StepSpec).min(1).max(SHAPE.steps),
})
export type WorkflowSpec = z.infer<typeof WorkflowSpec>

/** Work handed out: names the attempt by its lease, which every later write carries. */
export const Offer = z.strictObject({
  /** Of the workflow, for people and logs. */
  workflowId: Id,
  /** Names this attempt. */
  lease: Id,
  attempt: z.int().min(1).describe('1, 2, 3 … for people.'),
  ttlMs: z.int().min(1).describe('Time to live of the lease once accepted.'),
  offerMs: z.int().min(1).describe('How long the offer stands.'),
  /** What is to be run. */
  workflow: WorkflowSpec,
})
export type Offer = z.infer<typeof Offer>

/** Those of a workflow: the first four until it ends, the other five for good. */
export const WORKFLOW_STATES = [
  'waiting',
  'pending',
  'offered',
  'running',
  'success',
  'failure',
  'canceled',
  'skipped',
  'error',
] as const
/** One of them. `skipped`: what it depended on ended otherwise; `error`: it could not be run. */
export const WorkflowStateName = z.enum(WORKFLOW_STATES)
export type WorkflowStateName = z.infer<typeof WorkflowStateName>

/** Those of a step: the first two until it ends, the others for good. */
export const STEP_STATES = ['pending', 'running', 'success', 'failure', 'skipped', 'canceled'] as const
/** One of them. `skipped`: it was not its turn; `canceled`: it was stopped, or never started after a cancel. */
export const StepStateName = z.enum(STEP_STATES)
export type StepStateName = z.infer<typeof StepStateName>

/** What an agent says of the whole workflow, with `init` (started only) and with `done`. */
export const WorkflowState = z.strictObject({
  /** When the attempt began. */
  started: Millis,
  finished: Millis.describe('0 until finished.'),
  error: z.string().max(4096).describe('Why it failed beside its steps; empty if nothing did.'),
  /** It was stopped because the server, or whoever runs the agent, wanted it. */
  canceled: z.boolean(),
})
export type WorkflowState = z.infer<typeof WorkflowState>

/** What an agent says of one step, when it starts and when it ends. */
export const StepState = z.strictObject({
  /** Of a step of the workflow. */
  stepId: Id,
  /** Where it stands. */
  state: StepStateName,
  /** Null until started. */
  started: Millis.nullable(),
  /** Null until ended. */
  finished: Millis.nullable(),
  exitCode: z.int().min(0).max(0xffff_ffff).nullable().describe('Null until exited; 128 + n for signal n.'),
  /** Why it failed, for people; may be empty. */
  error: z.string().max(4096),
})
export type StepState = z.infer<typeof StepState>

/** A step's final state, with the number of lines it wrote. */
export const StepResult = StepState.extend({
  /** How many it wrote. */
  lines: z.int().min(0),
})
export type StepResult = z.infer<typeof StepResult>

/** `out` and `err` as the step wrote them, `command` the echo of one, `system` what the agent says. `+`: goes on. */
export const LOG_KINDS = ['out', 'err', 'command', 'system', 'out+', 'err+', 'command+', 'system+'] as const
/** One of them. */
export const LogKind = z.enum(LOG_KINDS)
export type LogKind = z.infer<typeof LogKind>

/** Lines that came together: how many, milliseconds since the step started, and what they are. */
export const LogRun = z.tuple([z.int().min(1), z.int().min(0), LogKind])
export type LogRun = z.infer<typeof LogRun>

/** What an agent says of itself. */
export const AgentInfo = z.object({
  /** Unique among the agents of a server. */
  name: GivenName,
  version: z.string().max(64).describe('Of the agent’s software.'),
  platform: z.string().max(64).describe('In Go’s words: `linux/amd64`.'),
  backend: z.string().max(64).describe('`local`, or the embedder’s own word.'),
  capacity: z.int().min(1).max(SHAPE.capacity).describe('Workflows at a time.'),
  /** What workflows may ask for; `k → v`, where `*` is any value and a leading `!` makes it required of a workflow. */
  labels: Labels,
  durable: z
    .boolean()
    .optional()
    .describe('It comes back as itself, and is not forgotten while it is away. Default: no.'),
})
export type AgentInfo = z.infer<typeof AgentInfo>
