import type { Labels } from '../../protocol/index.ts'

/** Labels under this prefix are the server's own; matching does not see them. */
export const INTERNAL_PREFIX = 'drumline/'

const EXACT = 10
const ANY = 1
const NO: Match = { match: false, score: 0 }

/** Whether an agent may run a workflow, and how well it suits: the higher score gets it. 0 is a match too. */
export interface Match {
  match: boolean
  score: number
}

/** Why an agent does not suit, for people. */
export interface Mismatch {
  code: 'labels' | 'required_label'
  message: string
}

/** The labels of a workflow that count: with a value, and not the server's own. Sorted, so that equal sets are equal. */
export function wanted(workflow: Labels): [string, string][] {
  return Object.entries(workflow)
    .filter(([key, value]) => value !== '' && !key.startsWith(INTERNAL_PREFIX))
    .sort(byKey)
}

/** Two label sets with the same key match alike. */
export function setKey(workflow: Labels): string {
  return JSON.stringify(wanted(workflow))
}

/** Two agents with the same key suit alike. */
export function agentKey(agent: Labels): string {
  return JSON.stringify(Object.entries(agent).sort(byKey))
}

/**
 * Every label of the workflow must be on the agent: exactly (10) or as `*` (1). An agent's `!k=v` asks the workflow to
 * carry exactly `k=v`, and then counts as its label. What else the agent has does not matter.
 */
export function matchLabels(agent: Labels, workflow: Labels): Match {
  if (firstUnmet(agent, workflow) !== undefined) return NO
  let score = 0
  for (const key in workflow) {
    const value = workflow[key]
    if (value === undefined || value === '' || key.startsWith(INTERNAL_PREFIX)) continue
    const has = labelOf(agent, key)
    if (has === '*') score += ANY
    else if (has === value) score += EXACT
    else return NO
  }
  return { match: true, score }
}

/** Undefined if they match. */
export function explainMatch(agent: Labels, workflow: Labels): Mismatch | undefined {
  const unmet = firstUnmet(agent, workflow)
  if (unmet !== undefined) {
    const message = `takes only work labelled ${unmet[0]}=${unmet[1]}`
    return { code: 'required_label', message }
  }
  const missing = wanted(workflow).filter(([key, value]) => {
    const has = labelOf(agent, key)
    return has !== '*' && has !== value
  })
  if (missing.length === 0) return undefined
  return { code: 'labels', message: missing.map(([key, value]) => lacking(agent, key, value)).join(', ') }
}

/** The first `!k=v` of the agent that the workflow does not carry. */
function firstUnmet(agent: Labels, workflow: Labels): [string, string] | undefined {
  for (const label in agent) {
    if (!label.startsWith('!')) continue
    const key = label.slice(1)
    const value = agent[label] ?? ''
    if (value === '' || key.startsWith(INTERNAL_PREFIX) || own(workflow, key) !== value) return [key, value]
  }
  return undefined
}

function labelOf(agent: Labels, key: string): string | undefined {
  return own(agent, `!${key}`) ?? own(agent, key)
}

function lacking(agent: Labels, key: string, value: string): string {
  const has = labelOf(agent, key)
  return has === undefined ? `has no ${key}=${value}` : `has ${key}=${has}, not ${value}`
}

/** A label may be called `toString`: only own ones count. */
function own(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined
}

function byKey([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0
}
