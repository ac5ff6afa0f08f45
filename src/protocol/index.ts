/** The wire of `drumline.v1`: schemas, types, codec and channel. Pure, and safe for browsers. What users import is `public.ts`. */

export * from './backoff.ts'
export * from './bytes.ts'
export * from './channel.ts'
export * from './clock.ts'
export * from './clone.ts'
export * from './closes.ts'
export { decodeEach, encode, frameText, type Receives } from './codec.ts'
export * from './crash-points.ts'
export * from './draft.ts'
export * from './errors.ts'
export {
  Claim,
  ClaimVerdict,
  FRAMES,
  type Frame,
  type FrameOf,
  type FrameType,
  Phase,
  VerdictWord,
} from './frames.ts'
export * from './ids.ts'
export { firstProblem } from './issues.ts'
export * from './limits.ts'
export * from './lines.ts'
export * from './log.ts'
export * from './log-text.ts'
export * from './methods/index.ts'
export * from './names.ts'
export type { Lane } from './outbox.ts'
export * from './peer.ts'
export * from './port.ts'
export * from './probe.ts'
export * from './rich.ts'
export type { ServedCall } from './served.ts'
export { ShownGaps } from './shown-gaps.ts'
export { fitsReceiver, tooLarge } from './sizes.ts'
export * from './version.ts'
export * from './views.ts'
export { walkProblem } from './walk.ts'
export * from './workflow.ts'
