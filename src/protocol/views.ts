import { z } from 'zod'
import { AttemptView } from './attempt-view.ts'
import { AllLabels, Labels } from './names.ts'
import { TrendPoint } from './trend.ts'
import { LogRun, StepStateName, WorkflowSpec, WorkflowStateName } from './workflow.ts'

/**
 * What operators and subscribers see. Times are `Date` here (they travel as superjson); `toPlain` turns them into
 * milliseconds for scripts. `version` rises with every change of the entity; drop what is not newer.
 */

const Version = z.int().min(0)

/** One step as the server has it. */
export const StepView = z.strictObject({
  /** Unique in its workflow. */
  id: z.string(),
  /** As it was submitted. */
  name: z.string(),
  /** `running` until the agent has reported its end. */
  state: StepStateName,
  /** Null until exited; 128 + n for signal n. */
  exitCode: z.int().nullable(),
  /** Null until started. */
  started: z.date().nullable(),
  /** Null until ended. */
  finished: z.date().nullable(),
  error: z.string().nullable().describe('Why it failed or was stopped, beside its exit code; for people.'),
  stopMs: z
    .int()
    .nullable()
    .describe('Of a step that a cancel met: milliseconds from that being asked for to the news of its end.'),
  lines: z.int().describe('Lines on disk.'),
  dependsOn: z
    .array(z.string())
    .describe('Ids of the steps it starts after, as they run: where none names any, each follows the one before it.'),
  /** Holds up nothing and ends with the workflow. */
  detach: z.boolean(),
  ignoresFailure: z.boolean().describe('Its failure does not fail the workflow; also of every detached one.'),
})
export type StepView = z.infer<typeof StepView>

/** Of the latest attempt’s log: more may come; every line is on disk; some never will be (`missing` says which). */
export const LOGS_STATES = ['open', 'complete', 'incomplete'] as const

/** The latest cancel of a workflow and how far the agent got with it. */
export const CancelView = z.strictObject({
  /** Counts the cancels of this workflow. */
  revision: z.int(),
  /** For people. */
  reason: z.string(),
  /** When the cancel was asked for. */
  requested: z.date(),
  /** When the agent had it; null until then. */
  received: z.date().nullable(),
  /** When the work was told to stop; null until then. */
  stopping: z.date().nullable(),
  /** When nothing of it ran any more; null until then. */
  stopped: z.date().nullable(),
})
export type CancelView = z.infer<typeof CancelView>

/** Lines that are not in the log and never will be. */
export const MissingLines = z.strictObject({
  /** Of a step of the workflow. */
  stepId: z.string(),
  /** Number of the first of them, from 1. */
  from: z.int(),
  /** Null: to the end, and nobody is left to say how many. */
  to: z.int().nullable(),
  /** For people. */
  reason: z.string(),
})
export type MissingLines = z.infer<typeof MissingLines>

/** A workflow as the server has it. */
export const WorkflowView = z.strictObject({
  /** Made by the server at `submit`. */
  id: z.string(),
  /** Rises with every change; drop what is not newer. */
  version: Version,
  /** As it was submitted. */
  name: z.string(),
  /** Where it stands. */
  state: WorkflowStateName,
  attempt: z.int().describe('0 before the first init.'),
  agent: z.string().nullable().describe('Name of the agent that holds or held the latest attempt.'),
  /** As they were submitted. */
  labels: Labels,
  /** −100 … 100, higher first. */
  priority: z.int(),
  /** When it was submitted. */
  created: z.date(),
  /** When its first attempt began; null until then. */
  started: z.date().nullable(),
  /** When it ended; null until then. */
  finished: z.date().nullable(),
  /** Why it failed beside its steps; null if nothing did. */
  error: z.string().nullable(),
  lost: z.string().nullable().describe('Why the latest attempt before this one was lost; for people.'),
  /** Of the latest attempt. */
  logs: z.enum(LOGS_STATES),
  /** Null: nobody asked for one. */
  cancel: CancelView.nullable(),
})
export type WorkflowView = z.infer<typeof WorkflowView>

/** `get` and the topic `workflow/ID` show the steps too. */
export const WorkflowDetail = WorkflowView.extend({
  /** In the order of the workflow. */
  steps: z.array(StepView),
  /** Of the latest attempt’s log. */
  missing: z.array(MissingLines),
  /** The workflows that it waits for, as they stand. */
  dependsOn: z.array(z.strictObject({ id: z.string(), name: z.string(), state: WorkflowStateName })),
  /** Those that were accepted, oldest first; of many the latest 20. */
  attempts: z.array(AttemptView),
  /** What was submitted, where it says when the workflow runs, how long and how often. */
  terms: WorkflowSpec.pick({ timeoutMs: true, graceMs: true, onOutage: true, maxAttempts: true, runsOn: true }).extend({
    /** At most `limit` workflows of this group run at a time; null: it is in none. */
    concurrency: WorkflowSpec.shape.concurrency.unwrap().nullable(),
  }),
})
export type WorkflowDetail = z.infer<typeof WorkflowDetail>

/** `online`: connected; `draining`: takes no more work; `offline`: not connected. */
export const AGENT_STATES = ['online', 'draining', 'offline'] as const
/** An agent as the server knows it. */
export const AgentView = z.strictObject({
  /** Made by the server at its first hello. */
  id: z.string(),
  /** Rises with every change; drop what is not newer. */
  version: Version,
  /** Unique among the agents. */
  name: z.string(),
  /** Whether it is there. */
  state: z.enum(AGENT_STATES),
  /** False: an operator keeps work away from it. */
  schedulable: z.boolean(),
  /** Who wants it to take no more work: an operator, until that is undone, or itself, since it leaves. */
  drainedBy: z.enum(['operator', 'agent']).nullable(),
  /** Its own, and those that its credential forces on it: these twice, as `!k` too, since its work must carry them. */
  labels: AllLabels,
  /** Workflows at a time. */
  capacity: z.int(),
  running: z.int().describe('Attempts offered or running.'),
  /** In Go’s words: `linux/amd64`. */
  platform: z.string(),
  /** `local`, or the embedder’s own word. */
  backend: z.string(),
  software: z.string().describe('Version of the agent’s software.'),
  /** When its latest connection began. */
  connected: z.date().nullable(),
  address: z
    .string()
    .nullable()
    .describe('Where its latest connection comes from; null: from the server’s own process.'),
  roundTripMs: z
    .int()
    .nullable()
    .describe('From a ping to its answer, told when it changes much; null while offline and before the first.'),
  connections: z.int().describe('How often it has connected.'),
  /** When it was last heard of; null if never. */
  lastSeen: z.date().nullable(),
  keepaliveMs: z
    .int()
    .nullable()
    .describe('It pings this often, since something on the way cuts a quiet connection; null where nothing does.'),
  conflict: z.date().nullable().describe('When another process of its name and credential was last turned away.'),
})
export type AgentView = z.infer<typeof AgentView>

/** The queue in numbers. */
export const QueueView = z.strictObject({
  /** Rises with every change; drop what is not newer. */
  version: Version,
  /** Ready to be offered. */
  pending: z.int(),
  /** For the end of others. */
  waiting: z.int(),
  /** To an agent that has not accepted yet. */
  offered: z.int(),
  /** Accepted by an agent. */
  running: z.int(),
  agents: z.int().describe('Online.'),
  /** Nothing is offered until `queue.resume`. */
  paused: z.boolean(),
})
export type QueueView = z.infer<typeof QueueView>

/** Lines of one step as they were stored: `text` is whole lines, `runs` says what they are and when they came. */
export const LogChunk = z.strictObject({
  /** Tells it from a gap. */
  kind: z.literal('lines'),
  /** Names the attempt. */
  lease: z.string(),
  /** Of a step of the workflow. */
  stepId: z.string(),
  /** Number of the first line, from 1 in each step. */
  from: z.int(),
  /** Number of the last line. */
  to: z.int(),
  /** Whole lines, each ended by `\n`. */
  text: z.string(),
  /** What the lines are, in order; their counts sum to the lines of `text`. */
  runs: z.array(LogRun),
})
/** Lines that will never come. */
export const LogGap = z.strictObject({
  /** Tells it from lines. */
  kind: z.literal('gap'),
  /** Names the attempt. */
  lease: z.string(),
  /** Of a step of the workflow. */
  stepId: z.string(),
  /** Number of the first of them. */
  from: z.int(),
  /** Number of the last of them. */
  to: z.int(),
  /** For people. */
  reason: z.string(),
})
/** A piece of a log: lines, or a gap. */
export const LogPart = z.discriminatedUnion('kind', [LogChunk, LogGap])
export type LogChunk = z.infer<typeof LogChunk>
export type LogGap = z.infer<typeof LogGap>
export type LogPart = z.infer<typeof LogPart>

/** What one event of the feed says. */
export const FeedData = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('workflow'), workflow: z.union([WorkflowDetail, WorkflowView]) }),
  z.strictObject({ kind: z.literal('agent'), agent: AgentView }),
  z.strictObject({ kind: z.literal('queue'), queue: QueueView }),
  z.strictObject({ kind: z.literal('trend'), point: TrendPoint }),
  z.strictObject({ kind: z.literal('removed'), id: z.string(), version: Version }),
  z.strictObject({ kind: z.literal('log'), attempt: z.int(), part: LogPart }),
])
export type FeedData = z.infer<typeof FeedData>
