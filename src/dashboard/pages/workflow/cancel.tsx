import { useEffect, useState } from 'preact/hooks'
import { ENDED } from '../../../client/index.ts'
import { CANCEL_REASON, type WorkflowDetail } from '../../../protocol/index.ts'
import type { Bus } from '../../model/bus.ts'
import { Ask } from '../../parts/ask.tsx'
import { durationText } from '../../parts/format.ts'
import { note } from '../../parts/notes.tsx'
import { isTyping } from '../../shell/keys.tsx'
import { usePlace } from '../../shell/place.ts'

/** Also by the key `c`. */
export function Cancel({ workflow, here }: { workflow: WorkflowDetail; here: boolean }) {
  const { bus, operates } = usePlace()
  const [open, setOpen] = useState(false)
  const { id, name, state, cancel } = workflow
  const ended = ENDED.has(state)
  const whyNot = whyNoCancel(operates, cancel !== null)
  const possible = here && !ended && whyNot === undefined
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key !== 'c' || isTyping(event)) return
      event.preventDefault()
      setOpen(true)
    }
    if (!possible) return
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [possible])
  return (
    <>
      {here && !ended && (
        <button
          type="button"
          class="danger"
          disabled={!possible}
          title={whyNot ?? 'key c'}
          onClick={() => setOpen(true)}
        >
          Cancel
        </button>
      )}
      <Ask
        title={`Cancel ${name}?`}
        open={open}
        onClose={() => setOpen(false)}
        onAct={(form) => askFor(bus, id, String(form.get('reason') ?? '').trim())}
        act="Cancel the workflow"
        keep="Let it be"
        kind="danger"
      >
        <p>{meaning(workflow)}</p>
        <label for="reason">Reason</label>
        <input id="reason" name="reason" maxLength={1024} placeholder={CANCEL_REASON} autocomplete="off" />
      </Ask>
    </>
  )
}

function whyNoCancel(operates: boolean, asked: boolean): string | undefined {
  if (!operates) return 'canceling takes an operator'
  return asked ? 'a cancel has been asked for' : undefined
}

async function askFor(bus: Bus, id: string, reason: string): Promise<void> {
  const { workflows } = await bus.call('cancel', { ids: [id], reason: reason === '' ? CANCEL_REASON : reason })
  const [answer] = workflows
  if (answer === undefined || answer.state === null) throw new Error('the server does not have it any more')
  if (answer.already) note(`It had ended already: ${answer.state}. Nothing was changed.`)
}

function meaning({ state, agent, terms }: WorkflowDetail): string {
  if (state !== 'running') return 'It has not begun: it ends at once, and whoever depends on it is told so.'
  return `${agent ?? 'Its agent'} tells the steps to stop (SIGTERM). What still runs after ${durationText(terms.graceMs)} is killed (SIGKILL).`
}
