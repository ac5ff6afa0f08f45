import { useEffect, useRef } from 'preact/hooks'
import type { StepView } from '../../../protocol/index.ts'
import { showWithin } from './show-within.ts'
import { onArrow } from './step-keys.ts'
import { StepLink } from './step-link.tsx'

interface StepListProps {
  readonly steps: readonly StepView[]
  readonly selected: string
  readonly onSelect: (id: string) => void
}

/** Steps that run one after the other. */
export function StepList({ steps, selected, onSelect }: StepListProps) {
  const list = useRef<HTMLOListElement>(null)
  useEffect(() => showWithin(list.current, selected), [selected])
  const at = steps.findIndex(({ id }) => id === selected)
  const next = (key: string) => {
    if (key === 'ArrowDown') return steps[at + 1]?.id
    if (key === 'ArrowUp') return steps[at - 1]?.id
    if (key === 'Home') return steps[0]?.id
    if (key === 'End') return steps.at(-1)?.id
    return undefined
  }
  return (
    <ol ref={list} class="step-list" onKeyDown={onArrow(next, onSelect)}>
      {steps.map((step) => (
        <li key={step.id}>
          <StepLink step={step} selected={step.id === selected} onSelect={onSelect} />
        </li>
      ))}
    </ol>
  )
}
