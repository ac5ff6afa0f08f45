import { useLayoutEffect, useRef } from 'preact/hooks'
import { describeMissing, type StepView } from '../../../../protocol/index.ts'
import { hrefOf, refine, route } from '../../../model/route.ts'
import type { Range } from './blocks.ts'
import type { Gap } from './layout.ts'
import { lineRangeOf, lineRangeText } from './line-range.ts'
import { timeText } from './line-time.ts'
import { LogRow } from './log-row.tsx'
import type { OpenLog } from './open-log.ts'
import { showsTimes, wraps } from './options.ts'

interface LogLinesProps {
  readonly open: OpenLog
  readonly step: StepView
  /** When the step of this attempt started, if that is known. */
  readonly started: Date | null
  /** There is nothing to see. */
  readonly hidden: boolean
}

/** The window on the lines. */
export function LogLines(props: LogLinesProps) {
  const { open, step, hidden } = props
  const { scroller } = open
  const outer = useRef<HTMLDivElement>(null)
  const inner = useRef<HTMLDivElement>(null)
  const frame = useRef<HTMLDivElement>(null)
  const box = useRef<HTMLDivElement>(null)
  open.version.value
  const drawn = scroller.rows.value
  const wrapped = wraps.value
  useLayoutEffect(() => {
    const [one, two, three, four] = [outer.current, inner.current, frame.current, box.current]
    if (one === null || two === null || three === null || four === null) return
    return scroller.attach({ outer: one, inner: two, frame: three, box: four })
  }, [scroller])
  useLayoutEffect(() => scroller.rewrapped(), [scroller, wrapped, showsTimes.value])
  useLayoutEffect(() => {
    scroller.drawn(drawn)
    open.drawn(drawn)
  })
  const length = Math.max(0, Math.min(drawn.to, open.log.layout.count) - drawn.from)
  const rows = Array.from({ length }, (_, at) => drawn.from + at)
  const shared = sharedOf(props)
  return (
    <section
      ref={outer}
      hidden={hidden}
      class={`log-window ${wrapped ? 'log-wraps' : ''}`}
      style={{ '--log-digits': String(open.log.layout.total).length }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it by keys
      tabIndex={0}
      aria-label={`Log of ${step.name}`}
      onKeyDown={(event) => {
        const isScroll = !event.ctrlKey && !event.metaKey && !event.altKey && scroller.press(keyOf(event))
        if (!isScroll) return
        event.preventDefault()
        // The row that has the focus may scroll away.
        event.currentTarget.focus({ preventScroll: true })
      }}
    >
      <div ref={inner} class="log-all">
        <div ref={frame} class="log-frame">
          <div ref={box} class="log-box">
            {rows.map((row) => rowOf(row, shared))}
          </div>
        </div>
      </div>
    </section>
  )
}

function keyOf({ key, shiftKey, target }: KeyboardEvent): string {
  if (key !== ' ') return key
  // On a link or a button it means that.
  if (target instanceof Element && target.closest('button, a') !== null) return ''
  return shiftKey ? 'PageUp' : 'PageDown'
}

/** What all rows have in common, looked up once. */
interface Shared {
  readonly open: OpenLog
  readonly step: StepView
  readonly started: Date | null
  /** The address of a line, without its number. */
  readonly address: string
  readonly range: Range | undefined
}

function sharedOf({ open, step, started }: LogLinesProps): Shared {
  const { id, query, page } = route.value
  const address = new URLSearchParams(query)
  address.delete('line')
  // Another step may be shown to those who do not say which.
  address.set('step', step.name)
  const range = lineRangeOf(query.get('line'))
  return { open, step, started, range, address: `${hrefOf(page, id, address)}&line=` }
}

function rowOf(row: number, { open, step, started, address, range }: Shared) {
  const content = open.log.layout.at(row)
  if ('gap' in content) return <GapRow key={`gap ${content.gap.from}`} gap={content.gap} step={step.name} />
  const number = content.line
  const line = open.log.line(number)
  return (
    <LogRow
      key={number}
      number={number}
      line={line}
      continued={line !== undefined && open.log.isContinued(line)}
      href={`${address}${number}`}
      time={showsTimes.value ? timeText(line, started) : ''}
      wanted={open.matches.found.value.text}
      whole={open.whole.value.has(number)}
      marked={range !== undefined && number >= range.from && number <= range.to}
      current={open.matches.line.value === number}
      onNumber={(event) => mark(event, number)}
      onWhole={() => open.showWhole(number)}
    />
  )
}

/** With Shift the range from the marked line to this one. The browser's own ways to open a link stay. */
function mark(event: MouseEvent, number: number): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.button !== 0) return
  event.preventDefault()
  const before = lineRangeOf(route.value.query.get('line'))
  const from = event.shiftKey ? (before?.from ?? number) : number
  const range = { from: Math.min(from, number), to: Math.max(from, number) }
  const isSame = before !== undefined && lineRangeText(before) === lineRangeText(range)
  refine({ line: isSame ? undefined : lineRangeText(range) })
}

function GapRow({ gap, step }: { gap: Gap; step: string }) {
  return (
    <div class="log-row log-gap">
      <span class="log-number" aria-hidden="true">
        ⋯
      </span>
      <span class="log-kind" />
      <strong class="log-text">{describeMissing({ stepId: '', ...gap }, step)}</strong>
    </div>
  )
}
