import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { wordsOf } from '../model/session.ts'
import { note } from './notes.tsx'

interface ActProps {
  /** Resolves once the server has said that it is done. */
  readonly onAct: () => Promise<unknown>
  readonly children: ComponentChildren
  readonly kind?: 'main' | 'danger'
  readonly plain?: boolean
  readonly disabled?: boolean
  /** Why it cannot be done, or more about it. */
  readonly title?: string | undefined
}

/** A button that asks the server: it shows that it waits, and says what went wrong. */
export function Act({ onAct, children, kind, plain = false, disabled = false, title }: ActProps) {
  const [busy, setBusy] = useState(false)
  const act = async () => {
    setBusy(true)
    try {
      await onAct()
    } catch (error) {
      note(wordsOf(error), 'bad')
    } finally {
      setBusy(false)
    }
  }
  return (
    <button
      type="button"
      class={plain ? 'plain' : kind}
      disabled={disabled}
      aria-busy={busy}
      {...(title !== undefined && { title })}
      onClick={() => {
        // A button that is disabled would lose the focus.
        if (!busy) void act()
      }}
    >
      {children}
    </button>
  )
}
