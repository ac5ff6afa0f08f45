import { Component, createRef } from 'preact'
import type { LogKind } from '../../../../protocol/index.ts'
import { countText } from '../../../parts/format.ts'
import type { Line } from './block.ts'
import { rowText } from './row-text.ts'

export interface LogRowProps {
  readonly number: number
  /** Undefined while it is being read. */
  readonly line: Line | undefined
  /** It goes on with the line above. */
  readonly continued: boolean
  readonly href: string
  /** When it came, or empty. */
  readonly time: string
  /** What is looked for, or empty. */
  readonly wanted: string
  /** It is shown to its end. */
  readonly whole: boolean
  /** The address names it. */
  readonly marked: boolean
  /** The reader is at this match. */
  readonly current: boolean
  readonly onNumber: (event: MouseEvent) => void
  readonly onWhole: () => void
}

/** Drawn anew only when one of them is another. */
const SEEN = ['number', 'continued', 'href', 'time', 'wanted', 'whole', 'marked', 'current'] as const

/** Pixels: the numbers cover so much. */
const MARGIN = 80

const KINDS: Record<string, { mark: string; name: string } | undefined> = {
  err: { mark: '!', name: 'error output' },
  command: { mark: '$', name: 'command' },
  system: { mark: 'i', name: 'from the agent' },
}

/** One stored line. Many come and go in a frame. */
export class LogRow extends Component<LogRowProps> {
  readonly #row = createRef<HTMLDivElement>()

  override shouldComponentUpdate(next: LogRowProps): boolean {
    return next.line?.number !== this.props.line?.number || SEEN.some((name) => next[name] !== this.props[name])
  }

  override componentDidMount(): void {
    if (this.props.current) this.#bringIn()
  }

  override componentDidUpdate(before: LogRowProps): void {
    if (this.props.current && !before.current) this.#bringIn()
  }

  /** A match far to the right is brought into the window; up and down that is others' work. */
  #bringIn(): void {
    const row = this.#row.current
    const [found, frame] = [row?.querySelector('mark'), row?.closest('.log-window')]
    if (!found || !frame) return
    const [shown, edge] = [found.getBoundingClientRect(), frame.getBoundingClientRect()]
    const isIn = shown.left > edge.left + MARGIN && shown.right < edge.right - MARGIN
    if (!isIn) frame.scrollLeft += shown.left - edge.left - edge.width / 2
  }

  override render({ number, line, continued, href, time, marked, current, onNumber, ...text }: LogRowProps) {
    const kind = line?.kind.replace('+', '') as LogKind | undefined
    const classes = ['log-row', `log-${kind ?? 'waiting'}`, marked && 'log-marked', current && 'log-current']
    return (
      <div ref={this.#row} class={classes.filter(Boolean).join(' ')}>
        <a class="log-number" href={href} aria-label={`Line ${number}`} onClick={onNumber} onMouseDown={keepSelection}>
          {continued ? '⤷' : number}
        </a>
        <Kind kind={kind} />
        {time !== '' && <span class="log-time">{time}</span>}
        {line === undefined ? <span class="log-text">&nbsp;</span> : <Text line={line} {...text} />}
      </div>
    )
  }
}

/** With Shift it marks lines: their text is not to be selected. */
function keepSelection(event: MouseEvent): void {
  if (event.shiftKey) event.preventDefault()
}

function Kind({ kind }: { kind: string | undefined }) {
  const { mark, name } = KINDS[kind ?? ''] ?? {}
  return mark === undefined ? (
    <span class="log-kind" />
  ) : (
    <span class="log-kind" role="img" aria-label={name} title={name}>
      {mark}
    </span>
  )
}

type TextProps = Pick<LogRowProps, 'wanted' | 'whole' | 'onWhole'> & { readonly line: Line }

function Text({ line, wanted, whole, onWhole }: TextProps) {
  const { spans, left } = rowText(line, { wanted, whole })
  return (
    <span class="log-text">
      {spans.map(({ text, class: name, style = {}, found }) => {
        if (found) return <mark class={name}>{text}</mark>
        return name === '' && Object.keys(style).length === 0 ? (
          text
        ) : (
          <span class={name} style={style}>
            {text}
          </span>
        )
      })}
      {left > 0 && (
        <button type="button" class="plain log-rest" onClick={onWhole}>
          … {countText(left)} more characters
        </button>
      )}
    </span>
  )
}
