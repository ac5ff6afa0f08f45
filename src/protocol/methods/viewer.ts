import { z } from 'zod'
import { SHAPE } from '../limits.ts'
import { Id, Labels } from '../names.ts'
import {
  AgentView,
  FeedData,
  LOGS_STATES,
  LogPart,
  MissingLines,
  QueueView,
  WorkflowDetail,
  WorkflowView,
} from '../views.ts'
import { Millis, WorkflowStateName } from '../workflow.ts'
import { method } from './method.ts'

const PageSize = z.int().min(1).max(SHAPE.pageMax).optional()
/** Where a page ended; opaque to the client. */
const Cursor = z.string().max(256)

/** Why a workflow is still pending, agent by agent. */
export const EXPLAIN_CODES = [
  'labels',
  'required_label',
  'capacity',
  'draining',
  'unschedulable',
  'offline',
  'dependency',
  'concurrency',
  'paused',
  'priority',
  'excluded',
] as const

/** What anybody with a viewer's credential may read. */
export const VIEWER_METHODS = {
  get: method({
    role: 'viewer',
    params: z.strictObject({ id: Id }),
    result: WorkflowDetail,
    mutates: false,
    values: 'rich',
    about: 'One workflow with its steps.',
  }),
  list: method({
    role: 'viewer',
    params: z.strictObject({
      state: z.array(WorkflowStateName).max(9).optional(),
      labels: Labels.optional(),
      limit: PageSize,
      before: Cursor.optional(),
    }),
    result: z.strictObject({ workflows: z.array(WorkflowView), next: Cursor.nullable() }),
    mutates: false,
    values: 'rich',
    about: 'Workflows, newest first, a page at a time; `next` names the following page.',
  }),
  logs: method({
    role: 'viewer',
    params: z.strictObject({
      id: Id,
      attempt: z.int().min(1).optional().describe('Default: the latest.'),
      stepId: Id.optional(),
      after: Cursor.optional(),
    }),
    result: z.strictObject({
      attempt: z.int(),
      lease: z.string().nullable(),
      parts: z.array(LogPart),
      next: Cursor.nullable().describe(
        'Where to go on, also later when more has come. Null when there was nothing yet.',
      ),
      more: z.boolean().describe('More is stored right now.'),
      state: z.enum(LOGS_STATES),
      missing: z
        .array(MissingLines)
        .describe('On the last page: what is missing of this attempt by now, the gaps among its parts too.'),
    }),
    mutates: false,
    values: 'plain',
    about: 'Stored lines of one attempt in the order they were stored, a page at a time.',
  }),
  agents: method({
    role: 'viewer',
    params: z.strictObject({ limit: PageSize, before: Cursor.optional() }),
    result: z.strictObject({ agents: z.array(AgentView), next: Cursor.nullable() }),
    mutates: false,
    values: 'rich',
    about: 'The agents, by name, a page at a time.',
  }),
  explain: method({
    role: 'viewer',
    params: z.strictObject({ id: Id }),
    result: z.strictObject({
      reasons: z.array(
        z.strictObject({ agent: z.string().optional(), code: z.enum(EXPLAIN_CODES), message: z.string() }),
      ),
    }),
    mutates: false,
    values: 'plain',
    about: 'Why a workflow is still pending or waiting, agent by agent.',
  }),
  'queue.info': method({
    role: 'viewer',
    params: z.strictObject({}),
    result: QueueView,
    mutates: false,
    values: 'plain',
    about: 'How much is pending, waiting, offered and running, and whether the queue is paused.',
  }),
  subscribe: method({
    role: 'viewer',
    params: z.strictObject({
      subscription: Id.describe('The client’s own name for it, never used twice on a connection.'),
      topic: z.string().max(160).describe('`workflows`, `workflow/ID`, `agents`, `queue` or `logs/ID`.'),
      resume: z.strictObject({ epoch: z.string().max(64), offset: z.int().min(0) }).optional(),
    }),
    result: z.strictObject({
      epoch: z.string(),
      offset: z.int().describe('Events after this offset follow.'),
      page: z
        .array(FeedData)
        .describe('The snapshot, or what was missed since `resume`. Empty for `logs/ID`: read `logs`.'),
      snapshot: z.boolean().describe('False: the page goes on from `resume`; true: it is a snapshot, forget the rest.'),
    }),
    mutates: false,
    values: 'rich',
    about: 'Registers for the events of a topic and answers its snapshot, or what came since `resume`.',
  }),
  unsubscribe: method({
    role: 'viewer',
    params: z.strictObject({ subscription: Id }),
    result: z.strictObject({}),
    mutates: false,
    values: 'plain',
    about: 'Ends a subscription. One that is not known is no error.',
  }),
  'login.code': method({
    role: 'viewer',
    params: z.strictObject({}),
    result: z.strictObject({
      code: z.string().describe('For the page: `POST /api/login`, once.'),
      expires: Millis.describe('When it lapses.'),
    }),
    mutates: true,
    values: 'plain',
    about: 'Makes a code that logs a page in with the caller’s own rights. Not for a page that is logged in.',
  }),
} as const
