import type { Drawn } from './window.ts'

/** The elements that are moved when one scrolls. */
export interface Stand {
  /** Scrolls. */
  readonly outer: HTMLElement
  /** As high as everything. */
  readonly inner: HTMLElement
  /** Stays in the window. */
  readonly frame: HTMLElement
  /** Holds the rows that are drawn, one element each. */
  readonly box: HTMLElement
}

/** The rows as they are on the page. */
export function measured({ box }: Stand): Drawn[] {
  const { top } = box.getBoundingClientRect()
  return [...box.children].map((row) => {
    const { top: own, height } = row.getBoundingClientRect()
    return { top: own - top, height }
  })
}
