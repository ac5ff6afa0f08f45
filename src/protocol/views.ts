import { z } from 'zod'
import { Labels } from './names.ts'
import { LogRun, StepStateName, WorkflowStateName } from './workflow.ts'

/**
 * What operators and subscribers see. Times are `Date` here (they travel as superjson); `toPlain` turns them into
 * milliseconds for scripts. `version` rises with every change of the entity; drop what is not newer.
 */

const Version = z.int().min(0)

export const StepView = z.strictObject({
  id: z.string(),
  name: z.string(),
  state: StepStateName,
  exitCode: z.int().nullable(),
  started: z.date().nullable(),
  finished: z.date().nullable(),
  lines: z.int().describe('Lines on disk.'),
})
export type StepView = z.infer<typeof StepView>

export const LOGS_STATES = ['open', 'complete', 'incomplete'] as const

/** The latest cancel of a workflow and how far the agent got with it. */
export const CancelView = z.strictObject({
  revision: z.int(),
  reason: z.string(),
  requested: z.date(),
  received: z.date().nullable(),
  stopping: z.date().nullable(),
  stopped: z.date().nullable(),
})
export type CancelView = z.infer<typeof CancelView>

export const MissingLines = z.strictObject({
  stepId: z.string(),
  from: z.int(),
  /** Null: to the end, and nobody is left to say how many. */
  to: z.int().nullable(),
  reason: z.string(),
})
export type MissingLines = z.infer<typeof MissingLines>

export const WorkflowView = z.strictObject({
  id: z.string(),
  version: Version,
  name: z.string(),
  state: WorkflowStateName,
  attempt: z.int().describe('0 before the first init.'),
  agent: z.string().nullable().describe('Name of the agent that holds or held the latest attempt.'),
  labels: Labels,
  priority: z.int(),
  created: z.date(),
  started: z.date().nullable(),
  finished: z.date().nullable(),
  error: z.string().nullable(),
  lost: z.string().nullable().describe('Why the latest attempt before this one was lost; for people.'),
  logs: z.enum(LOGS_STATES),
  cancel: CancelView.nullable(),
})
export type WorkflowView = z.infer<typeof WorkflowView>

/** `get` and the topic `workflow/ID` show the steps too. */
export const WorkflowDetail = WorkflowView.extend({
  steps: z.array(StepView),
  missing: z.array(MissingLines),
  dependsOn: z.array(z.strictObject({ id: z.string(), name: z.string(), state: WorkflowStateName })),
})
export type WorkflowDetail = z.infer<typeof WorkflowDetail>

export const AGENT_STATES = ['online', 'draining', 'offline'] as const
export const AgentView = z.strictObject({
  id: z.string(),
  version: Version,
  name: z.string(),
  state: z.enum(AGENT_STATES),
  schedulable: z.boolean(),
  labels: Labels,
  capacity: z.int(),
  running: z.int().describe('Attempts offered or running.'),
  platform: z.string(),
  backend: z.string(),
  software: z.string().describe('Version of the agent’s software.'),
  connected: z.date().nullable(),
  lastSeen: z.date().nullable(),
})
export type AgentView = z.infer<typeof AgentView>

export const QueueView = z.strictObject({
  version: Version,
  pending: z.int(),
  waiting: z.int(),
  offered: z.int(),
  running: z.int(),
  agents: z.int().describe('Online.'),
  paused: z.boolean(),
})
export type QueueView = z.infer<typeof QueueView>

/** Lines of one step as they were stored: `text` is whole lines, `runs` says what they are and when they came. */
export const LogChunk = z.strictObject({
  kind: z.literal('lines'),
  lease: z.string(),
  stepId: z.string(),
  from: z.int(),
  to: z.int(),
  text: z.string(),
  runs: z.array(LogRun),
})
export const LogGap = z.strictObject({
  kind: z.literal('gap'),
  lease: z.string(),
  stepId: z.string(),
  from: z.int(),
  to: z.int(),
  reason: z.string(),
})
export const LogPart = z.discriminatedUnion('kind', [LogChunk, LogGap])
export type LogChunk = z.infer<typeof LogChunk>
export type LogGap = z.infer<typeof LogGap>
export type LogPart = z.infer<typeof LogPart>

/** What one event of the feed says. */
export const FeedData = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('workflow'), workflow: z.union([WorkflowDetail, WorkflowView]) }),
  z.strictObject({ kind: z.literal('agent'), agent: AgentView }),
  z.strictObject({ kind: z.literal('queue'), queue: QueueView }),
  z.strictObject({ kind: z.literal('removed'), id: z.string(), version: Version }),
  z.strictObject({ kind: z.literal('log'), attempt: z.int(), part: LogPart }),
])
export type FeedData = z.infer<typeof FeedData>

export const CredentialView = z.strictObject({
  id: z.string(),
  role: z.enum(['admin', 'operator', 'viewer', 'agent']),
  name: z.string(),
  labels: Labels,
  created: z.date(),
  revoked: z.date().nullable(),
  lastUsed: z.date().nullable(),
})
export type CredentialView = z.infer<typeof CredentialView>

/** The plain-JSON twin of a view: dates become integer milliseconds, as scripts rely on. */
export type Plain<T> = T extends Date
  ? number
  : T extends readonly (infer Item)[]
    ? Plain<Item>[]
    : T extends object
      ? { [K in keyof T]: Plain<T[K]> }
      : T

export function toPlain<T>(value: T): Plain<T> {
  if (value instanceof Date) return value.getTime() as Plain<T>
  if (Array.isArray(value)) return value.map(toPlain) as Plain<T>
  if (typeof value !== 'object' || value === null) return value as Plain<T>
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toPlain(item)])) as Plain<T>
}

/** A view as scripts have it, by whichever door: plain, and without `version`, which only a subscriber needs. */
export type Shown<V> = Plain<Omit<V, 'version'>>

export function toShown<V extends { version: number }>({ version: _, ...view }: V): Shown<V> {
  return toPlain(view)
}
