import { z } from 'zod'
import { MESSAGE, SEARCH, SHAPE } from '../limits.ts'
import { Id, Labels } from '../names.ts'
import { KiB } from '../units.ts'
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

const Line = z.int().min(1)
const Attempt = Line.optional().describe('Default: the latest.')
const PageSize = z.int().min(1).max(SHAPE.pageMax).optional()
/** Where a page ended; opaque to the client. */
const Cursor = z.string().max(256)

const ONE_START = '`from` and `after` both say where to begin: give one'

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
    room: MESSAGE.bytes,
    about: 'One workflow with its steps.',
  }),
  list: method({
    role: 'viewer',
    params: z.strictObject({
      state: z.array(WorkflowStateName).max(9).optional(),
      labels: Labels.optional(),
      text: z
        .string()
        .min(1)
        .max(SEARCH.listChars)
        .optional()
        .describe('In the name, the id, the name of the agent, or a label as `k=v`; large or small letters.'),
      limit: PageSize,
      before: Cursor.optional(),
    }),
    result: z.strictObject({ workflows: z.array(WorkflowView), next: Cursor.nullable() }),
    mutates: false,
    values: 'rich',
    room: MESSAGE.bytes,
    about:
      'Workflows, newest first, a page at a time; `next` names the following page. A page may hold fewer than asked for, ' +
      'or none: it ends with what one call may look at. Go on while `next` is not null.',
  }),
  logs: method({
    role: 'viewer',
    params: z
      .strictObject({
        id: Id,
        attempt: Attempt,
        stepId: Id.optional(),
        after: Cursor.optional(),
        from: Line.optional().describe('Begin with the part that holds this line of the step; the part comes whole.'),
        bytes: z
          .int()
          .min(1 * KiB)
          .max(SHAPE.logPageBytes)
          .optional()
          .describe('At most so many, but at least one part.'),
      })
      .refine(
        ({ from, stepId }) => from === undefined || stepId !== undefined,
        '`from` counts the lines of one step: name it by `stepId`',
      )
      .refine(({ from, after }) => from === undefined || after === undefined, ONE_START),
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
    room: MESSAGE.bytes,
    about:
      'Stored lines of one attempt in the order they were stored, which is that of the lines in each step, a page at a time.',
  }),
  'logs.search': method({
    role: 'viewer',
    params: z
      .strictObject({
        id: Id,
        attempt: Attempt,
        stepId: Id,
        text: z
          .string()
          .min(1)
          .max(SEARCH.logChars)
          .regex(/^[^\n]*$/, 'must be of one line'),
        sensitive: z.boolean().optional().describe('Large and small letters differ. Default: they do not.'),
        after: Cursor.optional().describe('The `next` of the call before, with all else as it was.'),
        from: Line.optional().describe('Begin with this line. Default: the first; with `back` the last.'),
        back: z.boolean().optional().describe('Towards the first line.'),
      })
      .refine(({ from, after }) => from === undefined || after === undefined, ONE_START),
    result: z.strictObject({
      attempt: z.int().describe('0 before the first.'),
      lines: z.array(z.int()).describe('Numbers of the lines that hold it, rising.'),
      next: Cursor.nullable().describe('Where to go on, in the same attempt. Null: that was all that is stored.'),
      scanned: z
        .strictObject({ from: z.int(), to: z.int() })
        .describe('Lines that were looked at; none if `to` is below `from`.'),
    }),
    mutates: false,
    values: 'plain',
    room: 16 * KiB,
    about:
      'Lines of a step that hold a text, as one sees it: escape sequences do not count. One call looks at a bounded piece ' +
      'of the log: go on while `next` is not null.',
  }),
  agents: method({
    role: 'viewer',
    params: z.strictObject({ limit: PageSize, before: Cursor.optional() }),
    result: z.strictObject({ agents: z.array(AgentView), next: Cursor.nullable() }),
    mutates: false,
    values: 'rich',
    room: MESSAGE.bytes,
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
    room: MESSAGE.bytes,
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
      topic: z.string().max(160).describe('`workflows`, `workflow/ID`, `agents`, `queue`, `trend` or `logs/ID`.'),
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
    room: MESSAGE.bytes,
    about: 'Registers for the events of a topic and answers its snapshot, or what came since `resume`.',
  }),
  unsubscribe: method({
    role: 'viewer',
    params: z.strictObject({ subscription: Id }),
    result: z.strictObject({}),
    mutates: false,
    values: 'plain',
    // Never before the `subscribe` that it ends.
    room: 1 * KiB,
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
