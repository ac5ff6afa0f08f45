import { z } from 'zod'

/** How an attempt can end. */
export const ATTEMPT_ENDS = [
  'done',
  'declined',
  'lapsed',
  'withdrawn',
  'canceled',
  'expired',
  'fenced',
  'interrupted',
  'unclaimed',
  'replaced',
  'requeued',
  'removed',
  'revoked',
  'overdue',
  'timeout',
] as const
/**
 * One of them. Of an offer: `declined`, `lapsed` unanswered, `withdrawn` with its connection, `canceled`. `done`: its
 * agent reported the end. `expired`: the agent was not heard of; `fenced`: it was out of reach and stopped;
 * `interrupted`: it was told to leave; `unclaimed`, `replaced`: it came back without it, as itself or started anew.
 * `requeued`, `removed` (the agent), `revoked` (its credential): an operator’s doing. `overdue`, `timeout`: it did not
 * stop after a cancel, or after its time.
 */
export const AttemptEnd = z.enum(ATTEMPT_ENDS)
export type AttemptEnd = z.infer<typeof AttemptEnd>

/** One time that an agent took the workflow up. */
export const AttemptView = z.strictObject({
  /** 1, 2, 3 …: what `logs` takes as `attempt`. */
  number: z.int(),
  /** Name of the agent that had it. */
  agent: z.string(),
  /** When it was accepted, by the server’s clock. */
  started: z.date(),
  /** When it was over; null while it runs. */
  closed: z.date().nullable(),
  /** How it ended; null while it runs. */
  how: AttemptEnd.nullable(),
  reason: z.string().nullable().describe('Why it was lost or taken away, for people; null if it was not.'),
  lines: z.int().describe('Lines on disk, of all its steps.'),
})
export type AttemptView = z.infer<typeof AttemptView>
