import type { Edge, Graph } from './graph.ts'

/** Where the middle of a step is drawn: its layer, and how far along it, a step being one long. Both from 0. */
export interface Spot {
  readonly layer: number
  readonly row: number
}

/** An edge with the spots that it passes, from step to step: one in each layer, so that it runs behind no step. */
export interface Line extends Edge {
  readonly spots: readonly Spot[]
}

export interface Layout {
  readonly layers: number
  /** All steps and lines lie within 0 … `rows` − 1. */
  readonly rows: number
  readonly spots: ReadonlyMap<string, Spot>
  readonly lines: readonly Line[]
}

/** How much of a row a line takes that passes a layer. */
const PASSAGE = 0.35
/** So often it is tidied from either side. */
const SWEEPS = 6

/** Lays a graph out: lines short and straight, few of them crossing, nothing on top of anything else. */
export function layoutOf(graph: Graph): Layout {
  const board = new Board(graph)
  board.tidy()
  return board.layout()
}

/** Something that takes room in a layer: a step, or lines of one step that pass. */
interface Cell {
  readonly layer: number
  readonly size: number
  readonly left: Cell[]
  readonly right: Cell[]
  row: number
}

class Board {
  readonly #layers: Cell[][]
  readonly #steps = new Map<string, Cell>()
  readonly #passages = new Map<string, Cell>()
  readonly #lines: { readonly edge: Edge; readonly cells: readonly Cell[] }[]

  constructor({ layers, edges }: Graph) {
    this.#layers = layers.map(() => [])
    for (const [layer, ids] of layers.entries()) for (const id of ids) this.#steps.set(id, this.#cell(layer, 1))
    this.#lines = edges.map((edge) => ({ edge, cells: this.#way(edge) }))
  }

  tidy(): void {
    for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
      for (const layer of this.#layers) settle(layer, ({ row, left }) => mean(left, row))
      for (const layer of this.#layers.toReversed()) settle(layer, ({ row, right }) => mean(right, row))
    }
  }

  layout(): Layout {
    const all = this.#layers.flat()
    const top = Math.min(...all.map(({ row, size }) => row - size / 2))
    const end = Math.max(...all.map(({ row, size }) => row + size / 2))
    const spotOf = ({ layer, row }: Cell): Spot => ({ layer, row: row - top - 0.5 })
    return {
      layers: this.#layers.length,
      rows: end - top,
      spots: new Map([...this.#steps].map(([id, cell]) => [id, spotOf(cell)])),
      lines: this.#lines.map(({ edge, cells }) => ({ ...edge, spots: cells.map(spotOf) })),
    }
  }

  #cell(layer: number, size: number): Cell {
    const cells = this.#layers[layer] ?? []
    const cell: Cell = { layer, size, left: [], right: [], row: cells.length }
    cells.push(cell)
    return cell
  }

  #way({ from, to }: Edge): Cell[] {
    const first = this.#steps.get(from)
    const last = this.#steps.get(to)
    if (first === undefined || last === undefined) throw new Error(`the edge ${from} → ${to} is between no steps`)
    const cells = [first]
    for (let layer = first.layer + 1; layer < last.layer; layer += 1) cells.push(this.#passage(from, layer))
    cells.push(last)
    for (const [at, cell] of cells.entries()) link(cells[at - 1], cell)
    return cells
  }

  /** Lines of one step pass together. */
  #passage(from: string, layer: number): Cell {
    const key = `${layer} ${from}`
    const passage = this.#passages.get(key) ?? this.#cell(layer, PASSAGE)
    this.#passages.set(key, passage)
    return passage
  }
}

function link(left: Cell | undefined, right: Cell): void {
  if (left === undefined || left.right.includes(right)) return
  left.right.push(right)
  right.left.push(left)
}

function mean(cells: readonly Cell[], otherwise: number): number {
  if (cells.length === 0) return otherwise
  return cells.reduce((sum, { row }) => sum + row, 0) / cells.length
}

/** Puts each cell of a layer as near to where it wants to be as those beside it let it, and sorts the layer so. */
function settle(layer: Cell[], wishOf: (cell: Cell) => number): void {
  const wishes = new Map(layer.map((cell) => [cell, wishOf(cell)]))
  const wish = (cell: Cell) => wishes.get(cell) ?? cell.row
  layer.sort((a, b) => wish(a) - wish(b) || a.row - b.row)
  let taken = 0
  const packed = layer.map(({ size }) => {
    taken += size
    return taken - size / 2
  })
  // How far each is moved from where it would lie with nothing between them never falls from one to the next.
  const moves = rising(layer.map((cell, at) => wish(cell) - (packed[at] ?? 0)))
  for (const [at, cell] of layer.entries()) cell.row = (packed[at] ?? 0) + (moves[at] ?? 0)
}

/** The never falling numbers that are nearest to these, by least squares: neighbours that would fall share their mean. */
function rising(numbers: readonly number[]): number[] {
  const pools: { readonly mean: number; readonly count: number }[] = []
  for (const number of numbers) {
    let pool = { mean: number, count: 1 }
    for (let last = pools.at(-1); last !== undefined && last.mean > pool.mean; last = pools.at(-1)) {
      pools.pop()
      const count = last.count + pool.count
      pool = { mean: (last.mean * last.count + pool.mean * pool.count) / count, count }
    }
    pools.push(pool)
  }
  return pools.flatMap(({ mean: shared, count }) => Array<number>(count).fill(shared))
}
