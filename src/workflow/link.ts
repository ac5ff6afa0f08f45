import { fitsReceiver, MESSAGE, WorkflowSpec } from '../protocol/index.ts'
import { findRing, showRing } from './graph.ts'
import { nearest } from './nearest.ts'
import { reason } from './read.ts'
import type { Place } from './source.ts'
import { optional } from './steps.ts'
import type { Draft } from './workflow.ts'

/** A dependency that is none of the submitted: by now it can only be the id of a workflow that the server knows. */
export interface Outside extends Place {
  readonly name: string
  /** One of the submitted whose name is nearly this. */
  readonly meant?: string
}

export interface Linked {
  readonly specs: WorkflowSpec[]
  readonly outside: Outside[]
}

/**
 * Looks the names in `depends_on` up among what is submitted together. A name of a matrix means all its combinations;
 * one that is not among them stays, as the id of a workflow that the server knows.
 */
export function link(drafts: readonly Draft[]): Linked {
  const specs = drafts.map((draft) => ({ ...draft.spec, dependsOn: dependsOn(draft, drafts) }))
  refuseRings(drafts, specs)
  for (const [index, spec] of specs.entries()) checkWhole(spec, drafts[index])
  return { specs, outside: outsideOf(drafts) }
}

function outsideOf(drafts: readonly Draft[]): Outside[] {
  const names = new Set(drafts.flatMap(({ base, spec }) => [base, spec.name]))
  // By place: every combination of a matrix has the same ones.
  const found = new Map<string, Outside>()
  for (const { needs, scope } of drafts) {
    for (const { name, node } of needs) {
      const place = scope.placeOf(node)
      if (!names.has(name)) found.set(JSON.stringify([name, place]), { name, ...place })
    }
  }
  // Of very many, nobody reads what each may have been.
  if (found.size > 100) return [...found.values()]
  return [...found.values()].map((one) => ({ ...one, ...optional('meant', nearest(one.name, [...names])) }))
}

function dependsOn(draft: Draft, drafts: readonly Draft[]): string[] {
  const names = draft.needs.flatMap(({ name, node }) => {
    const exact = drafts.filter(({ spec }) => spec.name === name)
    if (exact.length > 1) {
      draft.scope.fail(
        node,
        `${exact.length} of the submitted workflows are named \`${name}\`; give each a name of its own`,
      )
    }
    if (exact.length > 0) return [name]
    const combined = drafts.filter(({ base, spec }) => base === name && spec.name !== name)
    return combined.length > 0 ? combined.map(({ spec }) => spec.name) : [name]
  })
  return [...new Set(names)]
}

function refuseRings(drafts: readonly Draft[], specs: readonly WorkflowSpec[]): void {
  const ring = findRing(new Map(specs.map(({ name, dependsOn }) => [name, dependsOn])))
  const first = drafts.find(({ spec }) => spec.name === ring?.[0])
  if (ring === undefined || first === undefined) return
  const next = drafts.find(({ spec }) => spec.name === ring[1])
  const place = first.needs.find(({ name }) => name === ring[1] || name === next?.base)
  first.scope.fail(place?.node, `the workflows wait for each other: ${showRing(ring)}; remove one of these`)
}

/** What the readers cannot see one by one: what a matrix adds to names and environments, how many its name stands for. */
function checkWhole(spec: WorkflowSpec, draft: Draft | undefined): void {
  // Once is enough: what fails for one combination of a matrix mostly fails for all.
  if (draft === undefined || draft.scope.source.count > 0) return
  const checked = WorkflowSpec.safeParse(spec)
  if (checked.success) {
    if (!fitsReceiver(JSON.stringify(spec), OFFER_BYTES)) draft.scope.fail(draft.placeOf('steps'), TOO_LARGE)
    return
  }
  const [issue] = checked.error.issues
  const what = String(issue?.path[0] ?? '')
  const [key, whole] = WHOLE[what] ?? ['steps', `\`${what}\` of the workflow as a whole`]
  draft.scope.fail(draft.placeOf(key), `${whole} ${reason(checked.error)}`)
}

/** An agent is handed a workflow in one message; some of it is the offer's. */
const OFFER_BYTES = MESSAGE.bytes - 4096
const TOO_LARGE = `the workflow does not fit into the ${OFFER_BYTES / 1024} KiB in which it is handed to an agent; put long scripts into files`

/** Where each may go wrong, and what it is called. */
const WHOLE: Readonly<Record<string, readonly [key: string, whole: string]>> = {
  name: ['matrix', 'with these values the name'],
  environment: ['matrix', 'with these values the environment'],
  dependsOn: ['depends_on', '`depends_on`, with every combination of a matrix that it names,'],
  secrets: ['secrets', '`secrets`, with that of `clone`,'],
}
