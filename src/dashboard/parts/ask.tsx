import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { wordsOf } from '../model/session.ts'
import { Dialog } from './dialog.tsx'

interface AskProps {
  readonly title: string
  readonly open: boolean
  readonly onClose: () => void
  /** Resolves once the server has said that it is done; then the dialog closes. */
  readonly onAct: (form: FormData) => Promise<void>
  /** What the button says that does it, and the one that does not. */
  readonly act: string
  readonly keep: string
  readonly kind?: 'main' | 'danger'
  /** What it means, and fields that `onAct` is given. */
  readonly children: ComponentChildren
}

/** A dialog that asks the server: it stays until that has answered, and says what went wrong. */
export function Ask({ title, open, onClose, ...rest }: AskProps) {
  return (
    <Dialog title={title} open={open} onClose={onClose}>
      <AskForm onClose={onClose} {...rest} />
    </Dialog>
  )
}

function AskForm({ onClose, onAct, act, keep, kind = 'main', children }: Omit<AskProps, 'title' | 'open'>) {
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState('')
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setTrouble('')
    try {
      await onAct(new FormData(event.currentTarget as HTMLFormElement))
      onClose()
    } catch (error) {
      setTrouble(wordsOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form class="ask" onSubmit={(event) => void submit(event)}>
      {children}
      <p class="trouble" role="alert">
        {trouble}
      </p>
      <div class="acts">
        <button type="submit" class={kind} aria-busy={busy}>
          {act}
        </button>
        <button type="button" onClick={onClose}>
          {keep}
        </button>
      </div>
    </form>
  )
}
