import { useMemo } from 'preact/hooks'
import type { StepView, WorkflowDetail } from '../../../protocol/index.ts'
import { graphOf, isChain } from '../../model/graph.ts'
import { layoutOf } from '../../model/layout.ts'
import { refine } from '../../model/route.ts'
import { attemptShown, useStepShown } from './address.ts'
import { GraphView } from './graph-view.tsx'
import { LogPanel } from './log-panel.tsx'
import { useStepKeys } from './step-keys.ts'
import { StepList } from './step-list.tsx'

/** The steps as they are, and the log of the one that is looked at. */
export function Run({ workflow }: { workflow: WorkflowDetail }) {
  const { steps } = workflow
  const { step, chosen } = useStepShown(workflow)
  const { graph, layout, order } = useMapOf(steps)
  const select = (id: string) => {
    const name = steps.find((one) => one.id === id)?.name
    // A line that was linked is one of the step before.
    if (name !== undefined) refine({ step: name, line: '' })
  }
  useStepKeys(order, step?.id ?? '', select)
  if (step === undefined) return null
  const chain = isChain(graph)
  const attempt = attemptShown(workflow)
  return (
    <div class={chain ? 'run run-chain' : 'run'}>
      <section class="steps card" aria-labelledby="steps-name">
        <h2 id="steps-name">
          Steps {attempt < workflow.attempt && <span class="quiet">as of attempt {workflow.attempt}</span>}
        </h2>
        {chain ? (
          <StepList steps={steps} selected={step.id} onSelect={select} />
        ) : (
          <GraphView steps={steps} layout={layout} order={order} selected={step.id} onSelect={select} />
        )}
      </section>
      <LogPanel
        workflow={workflow}
        step={step}
        attempt={attempt}
        chosen={chosen}
        onHold={() => refine({ step: step.name })}
      />
    </div>
  )
}

/** Of the steps' shape alone, which stays while their states change. */
function useMapOf(steps: readonly StepView[]) {
  const shape = JSON.stringify(steps.map(({ id, dependsOn }) => [id, dependsOn]))
  return useMemo(() => {
    const graph = graphOf(steps)
    const layout = layoutOf(graph)
    const rowOf = (id: string) => layout.spots.get(id)?.row ?? 0
    return { graph, layout, order: graph.layers.flatMap((layer) => layer.toSorted((a, b) => rowOf(a) - rowOf(b))) }
  }, [shape])
}
