import { isOverwritten, type Span, spansOf } from './ansi.ts'
import type { Line } from './block.ts'
import { type Marked, marked, placesOf } from './marks.ts'

/** Characters of a line that are shown before one asks for the rest. */
const SHOWN = 2000

/** What is shown of a line. */
interface RowText {
  readonly spans: readonly Marked[]
  /** Characters that are not shown. */
  readonly left: number
}

/** With what is looked for marked. It is shown wherever it stands: beyond the cut, or written over. */
export function rowText(line: Line, { wanted, whole }: { wanted: string; whole: boolean }): RowText {
  let spans = spansOf(line, { whole })
  let places = placesOf(textOf(spans), wanted)
  if (wanted !== '' && places.length === 0 && isOverwritten(line.text)) {
    const all = spansOf(line, { whole: true })
    const hidden = placesOf(textOf(all), wanted)
    if (hidden.length > 0) [spans, places] = [all, hidden]
  }
  const length = textOf(spans).length
  const cut = whole || (places.at(-1)?.to ?? 0) > SHOWN ? length : Math.min(length, SHOWN)
  return { spans: marked(cutSpans(spans, cut), places), left: length - cut }
}

function textOf(spans: readonly Span[]): string {
  return spans.map(({ text }) => text).join('')
}

function cutSpans(spans: readonly Span[], most: number): Span[] {
  let left = most
  return spans.flatMap((span) => {
    const text = span.text.slice(0, left)
    left -= text.length
    return text === '' ? [] : [{ ...span, text }]
  })
}
