import { useLayoutEffect, useState } from 'preact/hooks'

/** Drawn beyond what is seen, so that a quick scroll shows rows and no holes. */
const BEYOND = 12

export interface WindowRows {
  /** The first that is drawn, and one after the last. */
  readonly first: number
  readonly end: number
  /** In place of those that are not drawn, in pixels. */
  readonly above: number
  readonly below: number
}

/** Which of so many rows of one height are drawn, as the page is scrolled. `place` holds them. */
export function useWindowRows(
  place: { readonly current: HTMLElement | null },
  count: number,
  height: number,
): WindowRows {
  const [seen, setSeen] = useState({ from: 0, to: 40 })
  useLayoutEffect(() => {
    const look = () => {
      const top = place.current?.getBoundingClientRect().top ?? 0
      const from = Math.max(0, Math.floor(-top / height))
      const to = Math.ceil((innerHeight - top) / height)
      setSeen((before) => (before.from === from && before.to === to ? before : { from, to }))
    }
    look()
    addEventListener('scroll', look, { passive: true })
    addEventListener('resize', look)
    return () => {
      removeEventListener('scroll', look)
      removeEventListener('resize', look)
    }
  }, [place, count, height])
  const first = Math.max(0, Math.min(seen.from, count) - BEYOND)
  const end = Math.min(count, Math.max(seen.to, 0) + BEYOND)
  return { first, end, above: first * height, below: (count - end) * height }
}
