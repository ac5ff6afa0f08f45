import { type ReadonlySignal, signal } from '@preact/signals'

const query = matchMedia('(width < 56rem)')
const matches = signal(query.matches)
query.addEventListener('change', () => {
  matches.value = query.matches
})

/** Whether the page is as narrow as a phone: where the stylesheet has its one break. */
export const narrow: ReadonlySignal<boolean> = matches
