import { useLayoutEffect } from 'preact/hooks'
import { isTyping } from '../../shell/keys.tsx'

/** `j` and `k`, wherever one is on the page: the next step and the one before. */
export function useStepKeys(order: readonly string[], selected: string, select: (id: string) => void): void {
  // At once after each drawing: keys that follow each other quickly each go on from the one before.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isTyping(event) || (event.key !== 'j' && event.key !== 'k')) return
      const at = order.indexOf(selected)
      const next = order[event.key === 'j' ? at + 1 : at - 1]
      if (next === undefined) return
      event.preventDefault()
      select(next)
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  })
}

/** The arrow keys within the steps: `next` names the step that lies there. The focus goes along. */
export function onArrow(next: (key: string) => string | undefined, select: (id: string) => void) {
  return (event: KeyboardEvent) => {
    const id = next(event.key)
    if (id === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    select(id)
    const place = event.currentTarget as HTMLElement
    place.querySelector<HTMLElement>(`[data-step="${CSS.escape(id)}"]`)?.focus({ preventScroll: true })
  }
}
