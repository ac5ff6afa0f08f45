/** Scrolls a box so that the step is seen in it. The page itself stays where it is. */
export function showWithin(box: HTMLElement | null, id: string): void {
  const step = box?.querySelector(`[data-step="${CSS.escape(id)}"]`)
  if (!box || !step) return
  const [outer, inner] = [box.getBoundingClientRect(), step.getBoundingClientRect()]
  box.scrollLeft += beyond(inner.left - outer.left, inner.right - outer.right)
  box.scrollTop += beyond(inner.top - outer.top, inner.bottom - outer.bottom)
}

/** How far something reaches beyond the one edge or the other. */
function beyond(before: number, after: number): number {
  const AIR = 16
  if (before < 0) return before - AIR
  return after > 0 ? after + AIR : 0
}
