import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { StepView } from '../../../protocol/index.ts'
import type { Layout } from '../../model/layout.ts'
import { narrow } from '../../model/narrow.ts'
import { neighbour } from '../../model/neighbour.ts'
import { Grid, inPixels } from './grid.ts'
import { showWithin } from './show-within.ts'
import { onArrow } from './step-keys.ts'
import { StepLink } from './step-link.tsx'

interface GraphViewProps {
  readonly steps: readonly StepView[]
  readonly layout: Layout
  /** Ids, as they are read. */
  readonly order: readonly string[]
  readonly selected: string
  readonly onSelect: (id: string) => void
}

/** Steps that run side by side, with lines from each to those that start after it. To those who listen it is a list. */
export function GraphView({ steps, layout, order, selected, onSelect }: GraphViewProps) {
  const box = useRef<HTMLDivElement>(null)
  const down = narrow.value
  const grid = useMemo(() => new Grid(layout, down), [layout, down])
  useEffect(() => showWithin(box.current, selected), [selected, grid])
  const byId = new Map(steps.map((step) => [step.id, step]))
  const names = (ids: readonly string[]) => ids.map((id) => byId.get(id)?.name ?? id)
  const next = (key: string) => neighbour(layout, selected, key, down)
  return (
    <div ref={box} class="graph">
      <div class="graph-sheet" style={inPixels({ ...grid.size })}>
        <Lines layout={layout} grid={grid} selected={selected} />
        <ol onKeyDown={onArrow(next, onSelect)}>
          {order.map((id) => {
            const [step, spot] = [byId.get(id), layout.spots.get(id)]
            if (step === undefined || spot === undefined) return null
            return (
              <li key={id}>
                <StepLink
                  step={step}
                  selected={id === selected}
                  onSelect={onSelect}
                  after={names(step.dependsOn)}
                  style={grid.box(spot)}
                />
              </li>
            )
          })}
        </ol>
      </div>
    </div>
  )
}

function Lines({ layout, grid, selected }: { layout: Layout; grid: Grid; selected: string }) {
  return (
    <svg class="graph-lines" {...grid.size} aria-hidden="true">
      {layout.lines.map((line) => (
        <path
          key={`${line.from} ${line.to}`}
          class={line.from === selected || line.to === selected ? 'graph-near' : ''}
          d={grid.path(line)}
        />
      ))}
    </svg>
  )
}
