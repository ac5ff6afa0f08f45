import { LogPrinter, visibleText } from '../../../../protocol/index.ts'
import { countText } from '../../../parts/format.ts'
import { cutLines } from './block.ts'
import type { Range } from './blocks.ts'
import type { LogSource } from './step-log.ts'

/** Characters that are copied at most. */
const MOST = 1024 * 1024

/** The lines as text without escape sequences, pieces of long lines joined; `said` tells what it is. */
export async function textOf(
  source: Pick<LogSource, 'read'>,
  { from, to }: Range,
): Promise<{ text: string; said: string }> {
  const printer = new LogPrinter({ everything: true })
  let text = ''
  let next = from
  for (let full = false; next <= to && !full; ) {
    const { parts } = await source.read(next)
    const before = next
    for (const part of parts) {
      if (part.to < next || part.from > to || full) continue
      const end = Math.min(part.to, to)
      const lines =
        part.kind === 'gap' ? '' : printer.text({ ...part, ...cutLines(part, Math.max(part.from, next), end) })
      const more = visibleText(lines)
      full = text.length + more.length > MOST
      if (full) break
      text += more
      next = end + 1
    }
    // What nobody has cannot be copied.
    if (next === before) break
  }
  const end = next - 1
  const lines = end <= from ? `line ${countText(from)}` : `lines ${countText(from)} to ${countText(end)}`
  const cut = end < to ? ': no more than 1 MiB is copied at once. Download has all of it' : ''
  return { text: text + printer.rest(), said: `Copied ${lines}${cut}.` }
}
