import type { AgentView, StepView, WorkflowView } from '../../protocol/index.ts'

type Name = WorkflowView['state'] | StepView['state'] | AgentView['state']

/** Told by shape and word as well as by colour. Of 16 by 16. */
const SHAPES: Record<Name, string> = {
  waiting: 'M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3ZM8 5.5V8l1.8 1.2',
  pending: 'M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3Z',
  offered: 'M3 8h8M8 5l3 3-3 3',
  running: 'M6 4.5v7l5.5-3.5Z',
  success: 'M3.5 8.5 6.5 11.5 12.5 5',
  failure: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
  canceled: 'M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3ZM4.7 4.7l6.6 6.6',
  skipped: 'M4 5l3 3-3 3M9 5l3 3-3 3',
  error: 'M8 3.5v5.5M8 11.8v.4',
  online: 'M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z',
  draining: 'M8 3v8M5 8.5 8 11.5l3-3',
  offline: 'M4 8h8',
}

export function State({ of, short = false }: { of: Name; short?: boolean }) {
  return (
    <span class={`state state-${of}`}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <path d={SHAPES[of]} />
      </svg>
      <span class={short ? 'unseen' : ''}>{of}</span>
    </span>
  )
}
