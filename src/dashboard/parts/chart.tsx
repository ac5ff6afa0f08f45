import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { clockText } from './format.ts'
import { minuteText, Plot, type PlotData, type PlotOptions } from './plot.ts'

interface ChartProps extends PlotData, Omit<PlotOptions, 'onPoint'> {
  readonly title: string
  /** What the values are, and since when they are known. */
  readonly about: ComponentChildren
  /** What the last value is about goes on. */
  readonly grows?: boolean
}

const MINUTE_MS = 60_000

/** Values over time: drawn, told for the moment that is pointed at or else the last that is known, and as a table. */
export function Chart({ title, about, grows = false, times, series, ...options }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<Plot>(undefined)
  const [pointed, setPointed] = useState<number | null>(null)
  const id = useId()
  useEffect(() => {
    if (place.current === null) return
    plot.current = new Plot(place.current, { times, series }, { ...options, onPoint: setPointed })
    return () => plot.current?.close()
  }, [])
  useEffect(() => plot.current?.show({ times, series }), [times, series])
  const known = lastKnown({ times, series }, grows)
  const none = known === undefined
  const at = pointed !== null && pointed < times.length ? pointed : known
  const timeText = (index: number) => {
    const text = (options.stepMs < MINUTE_MS ? clockText : minuteText)(times[index] ?? 0)
    return grows && index === times.length - 1 ? `${text} so far` : text
  }
  return (
    <figure class={none ? 'card chart chart-none' : 'card chart'} aria-labelledby={id}>
      <figcaption>
        <h2 id={id}>{title}</h2>
        <p class="quiet">{about}</p>
      </figcaption>
      <dl class="chart-values">
        <div>
          <dt class="unseen">Time</dt>
          <dd class="quiet">{at === undefined ? '–' : timeText(at)}</dd>
        </div>
        {series.map(({ name, ink, values }) => (
          <div key={name}>
            <dt>
              <span class={`chart-mark ink-${ink}`} aria-hidden="true" />
              {name}
            </dt>
            <dd>{valueText(at === undefined ? null : values[at], options.format)}</dd>
          </div>
        ))}
      </dl>
      <div ref={place} class="chart-place" aria-hidden="true" />
      <Values title={title} times={times} series={series} format={options.format} timeText={timeText} />
    </figure>
  )
}

/** A value that goes on tells less than the whole one before it. */
function lastKnown({ times, series }: PlotData, grows: boolean): number | undefined {
  const known = [...times.keys()].filter((at) => series.some(({ values }) => typeof values[at] === 'number'))
  return known.at(grows && known.length > 1 ? -2 : -1)
}

function valueText(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '–' : format(value)
}

interface ValuesProps extends PlotData {
  readonly title: string
  readonly format: (value: number) => string
  readonly timeText: (index: number) => string
}

/** Built only while it is open. */
function Values({ title, times, series, format, timeText }: ValuesProps) {
  const [open, setOpen] = useState(false)
  return (
    <details class="chart-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>As a table</summary>
      {open && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keys only with the focus in it
        <section class="chart-rows" tabIndex={0} aria-label={`${title}, as a table`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Time</th>
                {series.map(({ name }) => (
                  <th key={name} scope="col" class="number">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {times
                .map((time, at) => (
                  <tr key={time}>
                    <th scope="row">{timeText(at)}</th>
                    {series.map(({ name, values }) => (
                      <td key={name} class="number">
                        {valueText(values[at], format)}
                      </td>
                    ))}
                  </tr>
                ))
                .reverse()}
            </tbody>
          </table>
        </section>
      )}
    </details>
  )
}
