import uPlot from 'uplot'

/** One line, or one part of each bar. Its colour is that of the element beside its name. */
export interface Series {
  readonly name: string
  readonly ink: Ink
  /** Null: nothing is known. */
  readonly values: readonly (number | null)[]
}

export type Ink = 'good' | 'bad' | 'warn' | 'busy' | 'odd'

export interface PlotData {
  /** Milliseconds since 1970, rising. */
  readonly times: readonly number[]
  readonly series: readonly Series[]
}

export interface PlotOptions {
  /** Bars stand on each other, in the order of the series. */
  readonly kind: 'bars' | 'lines'
  /** What one value is about: so long from its time on. */
  readonly stepMs: number
  /** How much of the time is shown at most, up to the end of the last value; less where less is known. */
  readonly spanMs: number
  readonly format: (value: number) => string
  /** The index of the times that is pointed at; null: none. */
  readonly onPoint: (index: number | null) => void
}

const HEIGHT = 176
/** So much of the time is always shown. */
const LEAST_MS = 600_000
/** What is counted and measured here is whole. */
const WHOLE = [1, 2, 5]
  .flatMap((first) => Array.from({ length: 8 }, (_, power) => first * 10 ** power))
  .sort((a, b) => a - b)
const FONT = '12px system-ui, sans-serif'

/** A chart as uPlot draws it. Colours come from the stylesheet, so they follow the scheme. */
export class Plot {
  readonly #options: PlotOptions
  readonly #plot: uPlot
  readonly #sizes: ResizeObserver
  readonly #dark = matchMedia('(prefers-color-scheme: dark)')
  readonly #redraw = () => this.#plot.redraw(false)

  constructor(place: HTMLElement, data: PlotData, options: PlotOptions) {
    this.#options = options
    const width = Math.max(1, place.clientWidth)
    this.#plot = new uPlot({ ...optionsOf(place, data, options), width, height: HEIGHT }, this.#rows(data), place)
    this.#sizes = new ResizeObserver(() => {
      if (place.clientWidth > 0) this.#plot.setSize({ width: place.clientWidth, height: HEIGHT })
    })
    this.#sizes.observe(place)
    this.#dark.addEventListener('change', this.#redraw)
  }

  show(data: PlotData): void {
    this.#plot.setData(this.#rows(data))
  }

  close(): void {
    this.#sizes.disconnect()
    this.#dark.removeEventListener('change', this.#redraw)
    this.#plot.destroy()
  }

  #rows({ times, series }: PlotData): uPlot.AlignedData {
    const values = series.map((one) => [...one.values])
    return [[...times], ...(this.#options.kind === 'bars' ? stacked(values) : values)]
  }
}

/** The whole of a bar first: the others are drawn over it. */
function stacked(values: (number | null)[][]): (number | null)[][] {
  const sums: (number | null)[][] = []
  for (const column of values) {
    const below = sums.at(-1)
    sums.push(column.map((value, at) => (value === null ? null : value + (below?.[at] ?? 0))))
  }
  return sums.reverse()
}

function optionsOf(
  place: HTMLElement,
  { series }: PlotData,
  options: PlotOptions,
): Omit<uPlot.Options, 'width' | 'height'> {
  const { kind, stepMs, spanMs, format, onPoint } = options
  const drawn = kind === 'bars' ? [...series].reverse() : series
  return {
    ms: 1,
    legend: { show: false },
    padding: [8, 18, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { show: kind === 'lines' } },
    scales: {
      x: { time: true, range: (_plot, from, to) => [to + stepMs - shownMs(to + stepMs - from, spanMs), to + stepMs] },
      y: { range: (_plot, _least, most) => [0, Math.max(1, most * 1.1)] },
    },
    axes: [
      { ...quietAxis(place), grid: { show: false }, size: 28, values: (_plot, times) => times.map(minuteText) },
      { ...quietAxis(place), size: 56, incrs: WHOLE, values: (_plot, values) => values.map(format) },
    ],
    series: [
      {},
      ...drawn.map(({ name, ink }, at) => ({ label: name, ...look(place, kind, ink, drawn.length - 1 - at) })),
    ],
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)] },
  }
}

/** What is known, neither so short that a minute looks like an hour nor beyond the most. */
function shownMs(knownMs: number, mostMs: number): number {
  return Math.min(mostMs, Math.max(LEAST_MS, knownMs))
}

function quietAxis(place: HTMLElement): uPlot.Axis {
  return {
    font: FONT,
    stroke: () => getComputedStyle(place).color,
    grid: { stroke: () => getComputedStyle(place).borderTopColor, width: 1 },
    ticks: { show: false },
    gap: 6,
  }
}

/** `over`: so many others are drawn over it, and must not hide it. */
function look(place: HTMLElement, kind: PlotOptions['kind'], ink: Ink, over: number): Partial<uPlot.Series> {
  const colour = () => {
    const mark = place.parentElement?.querySelector(`.ink-${ink}`)
    return mark == null ? 'gray' : getComputedStyle(mark).color
  }
  if (kind === 'lines') {
    const points = { show: true, size: 5 + 4 * over, stroke: colour, ...(over === 0 && { fill: colour }) }
    return { stroke: colour, width: 1.5, points }
  }
  const paths = uPlot.paths.bars?.({ size: [0.75, 24], align: 1 })
  return { fill: colour, stroke: colour, width: 0, points: { show: false }, ...(paths && { paths }) }
}

/** `14:03` where the reader is. */
export function minuteText(time: number): string {
  return new Date(time).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', hour12: false })
}
