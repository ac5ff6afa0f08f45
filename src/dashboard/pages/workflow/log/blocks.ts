import { Block, cutLines, type Line, type Lines } from './block.ts'

export interface Range {
  readonly from: number
  readonly to: number
}

/** What is held of a log at most, in characters. */
const MOST = 8 * 1024 * 1024

/** The lines of one step that are here. Beyond the bound those go that were not read for longest. */
export class Blocks {
  readonly #most: number
  /** In the order of their lines; none of them overlap. */
  readonly #blocks: Block[] = []
  #cost = 0
  #clock = 0
  #kept: Range = { from: 1, to: 0 }

  constructor(most = MOST) {
    this.#most = most
  }

  get cost(): number {
    return this.#cost
  }

  /** Lines that are here already stay as they are: a line never changes. */
  add(lines: Lines): void {
    for (const { from, to } of this.#holes(lines)) this.#insert(cutLines(lines, from, to))
    this.#shrink()
  }

  line(number: number): Line | undefined {
    const block = this.#blocks[this.#at(number)]
    if (block === undefined || block.lines.from > number) return undefined
    block.used = ++this.#clock
    return block.line(number)
  }

  /** Where the block that holds the line ends, or undefined. */
  endOf(number: number): number | undefined {
    const block = this.#blocks[this.#at(number)]
    return block === undefined || block.lines.from > number ? undefined : block.lines.to
  }

  /** These stay, whatever else comes. */
  keep(range: Range): void {
    this.#kept = range
  }

  /** Index of the first block that ends at the line or after it. */
  #at(number: number): number {
    let [low, high] = [0, this.#blocks.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#blocks[middle]?.lines.to ?? 0) >= number) high = middle
      else low = middle + 1
    }
    return low
  }

  #holes({ from, to }: Range): Range[] {
    const holes: Range[] = []
    let next = from
    for (let at = this.#at(from); next <= to; at++) {
      const block = this.#blocks[at]?.lines
      const end = Math.min(to, (block?.from ?? Number.POSITIVE_INFINITY) - 1)
      if (end >= next) holes.push({ from: next, to: end })
      next = (block?.to ?? to) + 1
    }
    return holes
  }

  #insert(lines: Lines): void {
    const at = this.#at(lines.from)
    const before = this.#blocks[at - 1]
    const joined = before?.lines.to === lines.from - 1 ? before.joined(lines) : undefined
    const block = joined ?? new Block(lines, 0)
    block.used = ++this.#clock
    this.#blocks.splice(joined === undefined ? at : at - 1, joined === undefined ? 0 : 1, block)
    this.#cost += block.cost - (joined === undefined ? 0 : (before?.cost ?? 0))
  }

  #shrink(): void {
    while (this.#cost > this.#most) {
      const oldest = this.#oldest()
      if (oldest === -1) return
      const [gone] = this.#blocks.splice(oldest, 1)
      this.#cost -= gone?.cost ?? 0
    }
  }

  #oldest(): number {
    let oldest = -1
    let since = Number.POSITIVE_INFINITY
    this.#blocks.forEach(({ lines, used }, at) => {
      const isKept = lines.to >= this.#kept.from && lines.from <= this.#kept.to
      if (isKept || used >= since) return
      oldest = at
      since = used
    })
    return oldest
  }
}
