import type { Sandbox } from './sandbox.ts'
import type { StepUser } from './step-user.ts'

/** Where the steps of one workflow run: as whom, and behind which walls. */
export interface Cell {
  readonly user?: StepUser
  readonly sandbox?: Sandbox
}

/** As the agent itself, and in the open. */
export const OPEN: Cell = {}
