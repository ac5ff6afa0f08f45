import { useEffect } from 'preact/hooks'
import { isTyping } from '../../../shell/keys.tsx'
import type { OpenLog } from './open-log.ts'
import { wraps } from './options.ts'

/** After `g` a key names a page. */
const PAIR_MS = 1500

/** The keys of a log, wherever the focus is. */
export function useLogKeys(open: OpenLog): void {
  useEffect(() => {
    let since = Number.NEGATIVE_INFINITY
    const press = (event: KeyboardEvent) => {
      if (isTyping(event)) return
      const isPair = event.timeStamp - since < PAIR_MS
      since = event.key === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY
      const act = isPair ? undefined : actsOf(open)[event.key]
      if (act === undefined) return
      event.preventDefault()
      act()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [open])
}

function actsOf(open: OpenLog): Readonly<Record<string, (() => void) | undefined>> {
  return {
    f: () => open.scroller.follow(!open.scroller.following.value),
    w: () => {
      wraps.value = !wraps.value
    },
    l: () => document.querySelector<HTMLInputElement>('.log-goto input')?.focus(),
    n: () => open.matches.step(1),
    N: () => open.matches.step(-1),
  }
}
