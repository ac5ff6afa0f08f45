import type { Layout, Line, Spot } from '../../model/layout.ts'

/** Pixels of a step, and between steps. */
const STEP = { width: 192, height: 48 }
const GAP = { between: 44, beside: 12 }
const AIR = 12

/** Where a layout lies on the page: its layers from left to right, or on a phone from top to bottom. */
export class Grid {
  readonly #down: boolean
  readonly #layout: Layout

  constructor(layout: Layout, down: boolean) {
    this.#layout = layout
    this.#down = down
  }

  get size(): { readonly width: number; readonly height: number } {
    const { layers, rows } = this.#layout
    const [along, across] = [layers * this.#pitch.along - GAP.between, rows * this.#pitch.across - GAP.beside]
    const [width, height] = this.#down ? [across, along] : [along, across]
    return { width: width + 2 * AIR, height: height + 2 * AIR }
  }

  /** As a style: where a step lies. */
  box(spot: Spot): Record<string, string> {
    const [along, across] = this.#middleOf(spot)
    const [x, y] = this.#down ? [across, along] : [along, across]
    return inPixels({ left: x - STEP.width / 2, top: y - STEP.height / 2, ...STEP })
  }

  /** Straight past the layers it passes, in a curve between two. */
  path({ spots }: Line): string {
    const half = this.#length / 2
    const parts = spots.map((spot, at) => {
      const [along, across] = this.#middleOf(spot)
      const before = spots[at - 1]
      const enters = before === undefined ? '' : this.#curve(before, along - half, across)
      const leaves = at === spots.length - 1 ? '' : `${at === 0 ? 'M' : 'L'}${this.#point(along + half, across)}`
      return enters + leaves
    })
    return parts.join('')
  }

  #curve(from: Spot, along: number, across: number): string {
    const [before, beforeAcross] = this.#middleOf(from)
    const middle = (before + this.#length / 2 + along) / 2
    return `C${this.#point(middle, beforeAcross)} ${this.#point(middle, across)} ${this.#point(along, across)}`
  }

  #point(along: number, across: number): string {
    const [x, y] = this.#down ? [across, along] : [along, across]
    return `${round(x)},${round(y)}`
  }

  #middleOf({ layer, row }: Spot): [along: number, across: number] {
    const { along, across } = this.#pitch
    return [AIR + layer * along + this.#length / 2, AIR + row * across + (across - GAP.beside) / 2]
  }

  /** Of a step, in the direction of the layers. */
  get #length(): number {
    return this.#down ? STEP.height : STEP.width
  }

  get #pitch() {
    const { width, height } = STEP
    return this.#down
      ? { along: height + GAP.between, across: width + GAP.beside }
      : { along: width + GAP.between, across: height + GAP.beside }
  }
}

/** Numbers as a style takes them. */
export function inPixels(lengths: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(lengths).map(([name, length]) => [name, `${round(length)}px`]))
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10
}
