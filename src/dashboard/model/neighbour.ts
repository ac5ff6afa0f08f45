import type { Layout, Spot } from './layout.ts'

/** How an arrow key moves, in layers and in rows, where layers go from left to right. */
const MOVES: Readonly<Record<string, readonly [layer: number, row: number]>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
}

/** The step that an arrow key leads to; undefined where none lies. `down`: the layers go from top to bottom. */
export function neighbour({ spots, layers }: Layout, id: string, key: string, down: boolean): string | undefined {
  const here = spots.get(id)
  const [x, y] = MOVES[key] ?? [0, 0]
  const [layer, row] = down ? [y, x] : [x, y]
  if (here === undefined) return undefined
  if (row !== 0) return nearest(spots, here, (spot) => spot.layer === here.layer && (spot.row - here.row) * row > 0)
  if (layer === 0) return undefined
  const next = here.layer + layer
  return next < 0 || next >= layers ? undefined : nearest(spots, here, (spot) => spot.layer === next)
}

function nearest(spots: Layout['spots'], { row }: Spot, fits: (spot: Spot) => boolean): string | undefined {
  const far = (spot: Spot) => Math.abs(spot.row - row)
  return [...spots].filter(([, spot]) => fits(spot)).sort(([, a], [, b]) => far(a) - far(b))[0]?.[0]
}
