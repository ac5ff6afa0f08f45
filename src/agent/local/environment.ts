import type { Offer, StepSpec } from '../../protocol/index.ts'
import { cloneEnvironment } from './clone.ts'

export type Variables = Readonly<Record<string, string | undefined>>

/** Names a step never gets from the agent, not even if they are to be passed: they admit to the bus. */
const NEVER_PASSED: ReadonlySet<string> = new Set(['DRUMLINE_TOKEN', 'DRUMLINE_ADMIN_TOKEN'])

const isKept = (name: string): boolean => ['PATH', 'LANG', 'TZ'].includes(name) || name.startsWith('LC_')

export interface StepPlace {
  readonly home: string
  readonly tmp: string
  readonly workspace: string
  /** Where the step starts. */
  readonly directory: string
}

export interface StepVariables {
  /** The agent's own environment. */
  readonly base: Variables
  /** Further names to take from it. */
  readonly passed: readonly string[]
  readonly place: StepPlace
  readonly offer: Offer
  readonly secrets: Readonly<Record<string, string>>
  readonly step: StepSpec
}

/** All that a step sees, later over earlier: the agent's few, its own place, what CI says, what its author said. */
export function stepEnvironment(variables: StepVariables): Record<string, string> {
  const { base, passed, place, offer, step } = variables
  return {
    ...pick(base, isKept),
    HOME: place.home,
    TMPDIR: place.tmp,
    PWD: place.directory,
    CI: 'true',
    CI_WORKSPACE: place.workspace,
    CI_WORKFLOW_NAME: offer.workflow.name,
    CI_STEP_NAME: step.name,
    DRUMLINE_WORKFLOW_ID: offer.workflowId,
    DRUMLINE_ATTEMPT: String(offer.attempt),
    ...pick(base, (name) => passed.includes(name) && !NEVER_PASSED.has(name)),
    ...offer.workflow.environment,
    ...secretsOf(variables),
    ...step.environment,
    ...(step.clone && cloneEnvironment(step.clone, variables.secrets)),
  }
}

/** What a clone has is git's alone: no other step has that, and it has nothing of theirs. */
function secretsOf({ offer, secrets, step }: StepVariables): Record<string, string> {
  if (step.clone !== undefined) return {}
  const gits = new Set(offer.workflow.steps.map(({ clone }) => clone?.secret))
  return pick(secrets, (name) => !gits.has(name))
}

function pick(from: Variables, wanted: (name: string) => boolean): Record<string, string> {
  const found = Object.entries(from).filter((entry): entry is [string, string] => {
    return entry[1] !== undefined && wanted(entry[0])
  })
  return Object.fromEntries(found)
}
