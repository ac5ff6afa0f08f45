import { paint, printable, type Style } from '../format.ts'
import { clipTo } from '../width.ts'
import { wrap } from './fit.ts'
import type { Controls, Question } from './keys.ts'

const DIM = 2
const YELLOW = 33
/** Cells of a name in a question, which must be seen whole. */
const NAME = 16

/** The lines at the bottom: how the latest order stands, what is asked, the keys. */
export function footOf({ question, hint, help }: Controls, note: string | undefined, style: Style): string[] {
  const asked = question === undefined ? hint : textOf(question, style)
  return [
    ...(note === undefined ? [] : wrap(printable(note), style.columns)),
    ...(asked === undefined ? [] : [paint(asked, YELLOW, style)]),
    ...(help ? ['q quit  p pause  j k choose  c cancel', '? hide  arrows choose, esc chooses none'] : []),
    ...(asked === undefined && !help ? [paint('? keys  q quit', DIM, style)] : []),
  ]
}

function textOf(question: Question, style: Style): string {
  if (question.kind === 'pause') return 'Pause the queue? What runs goes on. y/n'
  if (question.kind === 'resume') return 'Resume the queue? y/n'
  const name = clipTo(printable(question.name), NAME, style.unicode ? '…' : '>')
  if (question.kind === 'cancel') return `Cancel ${name}? y/n, r: reason`
  // Of a long one the end, where it is typed.
  const room = Math.max(NAME, style.columns - 'Reason: _'.length)
  return `Reason: ${[...question.reason].slice(-Math.floor(room / 2)).join('')}_  enter cancels ${name}, esc does not`
}
