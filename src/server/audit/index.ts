/** Who did what, or tried to. What changes something is noted by the store, in the transaction of the change. */
export { actorOf, noteRefused } from './asked.ts'
export { Refusals } from './refusals.ts'
