import { useState } from 'preact/hooks'
import type { AgentView } from '../../../protocol/index.ts'
import { go, hrefOf } from '../../model/route.ts'
import { Act } from '../../parts/act.tsx'
import { Ask } from '../../parts/ask.tsx'
import { usePlace } from '../../shell/place.ts'
import { QUESTIONS } from './questions.ts'

type Change = { drain: boolean } | { schedulable: boolean }

/** What an operator may do to an agent. What keeps work from it is asked twice. */
export function AgentActs({ agent }: { agent: AgentView }) {
  const { bus, operates } = usePlace()
  const { id, state, schedulable, drainedBy } = agent
  const set = async (change: Change) => {
    await bus.call('agent.set', { id, ...change })
  }
  const remove = async () => {
    await bus.call('agent.remove', { id })
    go(hrefOf('agents'), { replace: true })
  }
  if (!operates) return <p class="quiet">Draining and the like takes an operator.</p>
  return (
    <div class="agent-acts">
      {drainedBy === 'operator' ? (
        <Act kind="main" onAct={() => set({ drain: false })}>
          Resume
        </Act>
      ) : (
        <Twice agent={agent} question="drain" onAct={() => set({ drain: true })} />
      )}
      {schedulable ? (
        <Twice agent={agent} question="keep" onAct={() => set({ schedulable: false })} />
      ) : (
        <Act kind="main" onAct={() => set({ schedulable: true })}>
          Give it work again
        </Act>
      )}
      {state === 'offline' && <Twice agent={agent} question="remove" danger onAct={remove} />}
    </div>
  )
}

interface TwiceProps {
  readonly agent: AgentView
  readonly question: keyof typeof QUESTIONS
  readonly danger?: boolean
  readonly onAct: () => Promise<void>
}

function Twice({ agent, question, danger = false, onAct }: TwiceProps) {
  const [open, setOpen] = useState(false)
  const { title, act, means } = QUESTIONS[question]
  return (
    <>
      <button type="button" class={danger ? 'danger' : ''} onClick={() => setOpen(true)}>
        {act}
      </button>
      <Ask
        title={title(agent.name)}
        open={open}
        onClose={() => setOpen(false)}
        onAct={onAct}
        act={act}
        keep="Leave it as it is"
        kind={danger ? 'danger' : 'main'}
      >
        <p>{means(agent)}</p>
      </Ask>
    </>
  )
}
