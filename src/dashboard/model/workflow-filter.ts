import { foldCase, mentions, WORKFLOW_STATES, type WorkflowView } from '../../protocol/index.ts'

export type WorkflowState = (typeof WORKFLOW_STATES)[number]

/** Which workflows are shown. It stands in the address, so that a view can be shared. */
export interface WorkflowFilter {
  /** Empty: any. */
  readonly states: readonly WorkflowState[]
  /** All of them; empty: any. */
  readonly labels: Readonly<Record<string, string>>
  /** Part of name, id, agent or `label=value`; empty: any. */
  readonly text: string
}

export function filterOf(query: URLSearchParams): WorkflowFilter {
  const states = listOf(query.get('state')).filter((name): name is WorkflowState => known.has(name))
  const pairs = listOf(query.get('label')).map((pair) => pair.split(/=(.*)/s, 2) as [string, string])
  return { states, labels: Object.fromEntries(pairs.filter(([name]) => name !== '')), text: query.get('text') ?? '' }
}

/** As the address says it; empty values are left out. */
export function queryOf({ states, labels, text }: WorkflowFilter): { state: string; label: string; text: string } {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`)
  return { state: states.join(','), label: pairs.join(','), text }
}

/** The same question that the server answers, for what changes meanwhile. */
export function matches({ states, labels, text }: WorkflowFilter, workflow: WorkflowView): boolean {
  if (states.length > 0 && !states.includes(workflow.state)) return false
  if (Object.entries(labels).some(([name, value]) => workflow.labels[name] !== value)) return false
  return text === '' || mentions(workflow, foldCase(text))
}

const known: ReadonlySet<string> = new Set(WORKFLOW_STATES)

function listOf(text: string | null): string[] {
  return (text ?? '').split(',').filter((part) => part !== '')
}
