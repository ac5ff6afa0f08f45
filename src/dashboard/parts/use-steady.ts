import { useRef, useState } from 'preact/hooks'
import { steady } from '../model/steady.ts'

/** Rows that stay where they are while the pointer or the focus is in what gets `still`. */
export function useSteady<T extends { readonly id: string }>(
  list: readonly T[],
  latest: (id: string) => T | undefined,
) {
  const [pointed, setPointed] = useState(false)
  const [focused, setFocused] = useState(false)
  const shown = useRef(list)
  const now = pointed || focused ? steady(shown.current, list, latest) : { rows: list, waiting: 0 }
  shown.current = now.rows
  const still = {
    onPointerEnter: () => setPointed(true),
    onPointerLeave: () => setPointed(false),
    onFocusIn: () => setFocused(true),
    onFocusOut: () => setFocused(false),
  }
  return { ...now, still }
}
