import { z } from 'zod'

/** How a server did over ten seconds of its life, and how it stood at their end. It never changes. */
export const TrendPoint = z.strictObject({
  version: z.int().min(1).describe('Counts the points of one server, from 1.'),
  time: z
    .date()
    .describe('When its span began. Where the next one begins later than this one ended, nothing was measured.'),
  /** Workflows that succeeded. */
  success: z.int(),
  failure: z.int().describe('Workflows that failed, or ended in `error`.'),
  /** Workflows that were canceled. */
  canceled: z.int(),
  /** Lines of logs that were stored. */
  lines: z.int(),
  /** Workflows ready to be offered. */
  pending: z.int(),
  /** Workflows accepted by an agent. */
  running: z.int(),
  /** Agents online. */
  agents: z.int(),
  cancelMs: z
    .strictObject({ p50: z.int(), max: z.int(), count: z.int() })
    .nullable()
    .describe(
      'Of the running workflows that a cancel has stopped: milliseconds from its request until nothing of them ran. Null: there was none.',
    ),
})
export type TrendPoint = z.infer<typeof TrendPoint>
