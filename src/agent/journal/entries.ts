import { z } from 'zod'
import { Owner } from '../../host/index.ts'
import { Id, METHODS, Offer } from '../../protocol/index.ts'

/** Raised with every change that an older agent would misread. */
export const VERSION = 1

/** A process group that a step was started in: its number, and when its leader began. */
const Group = z.object({ id: z.int().min(2), started: z.string() })
export type Group = z.infer<typeof Group>

const Result = METHODS.done.params
export type Result = z.infer<typeof Result>

/** What a journal says, one after the other. */
export const Entry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('journal'), version: z.int(), suffix: z.string().min(1).max(32) }),
  /** This process has taken the directory. */
  z.object({ type: z.literal('boot'), boot: Id, owner: Owner }),
  /** The server has heard of this boot, and with it that all before are gone. */
  z.object({ type: z.literal('welcome'), boot: Id }),
  /** About to be accepted. */
  z.object({ type: z.literal('lease'), offer: Offer }),
  z.object({ type: z.literal('folder'), lease: Id, path: z.string() }),
  z.object({ type: z.literal('group'), lease: Id, group: Group }),
  /** The work has ended so. */
  z.object({ type: z.literal('result'), result: Result }),
  /** Nothing is owed of it any more. */
  z.object({ type: z.literal('gone'), lease: Id }),
])
export type Entry = z.infer<typeof Entry>

/** An offer without what only the work needs: a journal keeps neither commands nor values. */
export function bare(offer: Offer): Offer {
  const steps = offer.workflow.steps.map(({ id, name }) => ({ id, name, commands: [] }))
  return { ...offer, workflow: { ...offer.workflow, environment: {}, labels: {}, steps } }
}
