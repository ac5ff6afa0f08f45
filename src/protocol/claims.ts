import { z } from 'zod'
import { SHAPE } from './limits.ts'
import { Id, Lease } from './names.ts'
import { Count, Line } from './workflow.ts'

/** Where an agent stands with a lease it believes it holds. `fenced`: it has stopped by its own clock. */
export const PHASES = ['accepting', 'running', 'stopping', 'fenced', 'interrupted', 'done'] as const
/** One of them. */
export const Phase = z.enum(PHASES)
export type Phase = z.infer<typeof Phase>

/** What the server says to a claim. `logs`: closed, not yours to run, send the rest of its lines. */
export const VERDICTS = ['keep', 'cancel', 'logs', 'lost', 'done'] as const
/** One of them. */
export const VerdictWord = z.enum(VERDICTS)
export type VerdictWord = z.infer<typeof VerdictWord>

/** A lease that an agent believes it holds, in its hello. */
export const Claim = z.object({
  /** Names the attempt. */
  lease: Lease,
  /** Where the agent stands with it. */
  phase: Phase,
  steps: z
    .array(z.object({ stepId: Id, next: Line }))
    .max(SHAPE.steps)
    .describe('`next`: the number of the first line this agent has not yet made.'),
})
export type Claim = z.infer<typeof Claim>

/** What the server says to a claim, in its welcome and to `extend`. */
export const ClaimVerdict = z.strictObject({
  /** Names the attempt. */
  lease: Lease,
  /** What the agent is to do. */
  verdict: VerdictWord,
  steps: z.array(z.strictObject({ stepId: Id, upto: Count })).describe('`upto`: the last line on disk.'),
})
export type ClaimVerdict = z.infer<typeof ClaimVerdict>
