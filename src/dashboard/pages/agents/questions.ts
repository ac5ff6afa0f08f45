import type { AgentView } from '../../../protocol/index.ts'

/** What is asked before work is kept or taken from an agent. */
interface Question {
  readonly title: (name: string) => string
  /** What the button says that does it. */
  readonly act: string
  /** What happens to the work it has, and what it takes to undo it. */
  readonly means: (agent: AgentView) => string
}

export const QUESTIONS = {
  drain: {
    title: (name) => `Drain ${name}?`,
    act: 'Drain',
    means: ({ state, running }) =>
      state === 'offline'
        ? 'It is not connected. When it is back it gets no work, until it is resumed.'
        : `It gets no more work. ${finishes(running)} Then its process ends, and however often it is started it gets no ` +
          'work until it is resumed.',
  },
  keep: {
    title: (name) => `Keep work from ${name}?`,
    act: 'Keep work from it',
    means: ({ running }) =>
      `It gets no more work until somebody allows it again, and stays connected. ${finishes(running)}`,
  },
  remove: {
    title: (name) => `Remove ${name}?`,
    act: 'Remove',
    means: ({ running }) =>
      running === 0
        ? 'It is forgotten. It holds no work. If it connects again it is known again.'
        : 'It is forgotten. What it holds is taken from it and goes back to the queue. If it connects again it is known again.',
  },
} as const satisfies Record<string, Question>

function finishes(running: number): string {
  if (running === 0) return 'It runs nothing now.'
  return running === 1 ? 'The workflow it runs is finished.' : `The ${running} workflows it runs are finished.`
}
