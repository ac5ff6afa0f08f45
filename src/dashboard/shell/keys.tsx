import { useEffect, useState } from 'preact/hooks'
import { go, hrefOf } from '../model/route.ts'
import { Dialog } from '../parts/dialog.tsx'
import { PAGES } from './nav.tsx'

/** A second key counts as one of a pair for so long. */
const PAIR_MS = 1500

/** The page's keys. Those of a single page are named there and in this list alike. */
const HELP = [
  ...PAGES.map(({ key, name }) => [`g ${key}`, `Go to ${name}`] as const),
  ['/', 'Search in what is shown'],
  ['j, k', 'Next and previous row, or step'],
  ['Enter', 'Open the row'],
  ['c', 'Cancel the workflow'],
  ['f', 'In a log: follow'],
  ['l', 'In a log: go to a line'],
  ['n, N', 'In a log: next and previous match'],
  ['w', 'In a log: wrap long lines'],
  ['?', 'This list'],
  ['Esc', 'Close'],
] as const

export function Keys() {
  const [open, setOpen] = useState(false)
  useEffect(() => {
    let since = Number.NEGATIVE_INFINITY
    const press = (event: KeyboardEvent) => {
      if (isTyping(event)) return
      const pair = event.timeStamp - since < PAIR_MS
      since = event.key === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY
      const page = pair ? PAGES.find(({ key }) => key === event.key) : undefined
      if (page !== undefined) go(hrefOf(page.page))
      else if (event.key === '?') setOpen(true)
      else if (event.key === '/') focusSearch()
      else return
      event.preventDefault()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
  return (
    <Dialog title="Keys" open={open} onClose={() => setOpen(false)}>
      <dl class="keys">
        {HELP.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}

/** Keys without a modifier are text to whoever types, and an open dialog has its own. */
export function isTyping(event: KeyboardEvent): boolean {
  const { target } = event
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true
  if (document.querySelector('dialog[open]') !== null) return true
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null
}

function focusSearch(): void {
  const [search] = document.querySelectorAll<HTMLInputElement>('main input[type=search]')
  search?.focus()
  search?.select()
}
