import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { graphOf, isChain } from '../../../src/dashboard/model/graph.ts'
import { layoutOf } from '../../../src/dashboard/model/layout.ts'
import { neighbour } from '../../../src/dashboard/model/neighbour.ts'

const chain = (...ids: string[]) => ids.map((id, at) => ({ id, dependsOn: ids.slice(Math.max(0, at - 1), at) }))
/** Written as `c: a b`. */
const dag = (...lines: string[]) =>
  lines.map((line) => {
    const [id = '', after = ''] = line.split(':')
    return { id, dependsOn: after.split(' ').filter((name) => name !== '') }
  })

/** Any graph of up to a hundred steps, in any order. */
const anyGraph = fc
  .array(fc.array(fc.nat({ max: 99 }), { maxLength: 4 }), { minLength: 1, maxLength: 100 })
  .chain((after) => {
    const steps = after.map((before, at) => ({
      id: `s${at}`,
      dependsOn: before.filter((other) => other < at).map((other) => `s${other}`),
    }))
    return fc.shuffledSubarray(steps, { minLength: steps.length })
  })

describe('steps as a graph', () => {
  test('one after the other are a chain', () => {
    const graph = graphOf(chain('a', 'b', 'c'))
    expect(graph.layers).toEqual([['a'], ['b'], ['c']])
    expect(graph.edges).toEqual([
      { from: 'a', to: 'b' },
      { from: 'b', to: 'c' },
    ])
    expect(isChain(graph)).toBe(true)
  })

  test('stand after the last that they wait for, side by side where nobody waits', () => {
    const graph = graphOf(dag('deploy: test lint', 'test: build', 'lint:', 'build:'))
    expect(graph.layers).toEqual([['lint', 'build'], ['test'], ['deploy']])
    expect(isChain(graph)).toBe(false)
  })

  test('all of which start at once are no chain', () => {
    expect(isChain(graphOf(dag('a:', 'b:')))).toBe(false)
  })

  test('have no line that others imply', () => {
    const { edges } = graphOf(dag('a:', 'b: a', 'c: b', 'd: a c'))
    expect(edges).not.toContainEqual({ from: 'a', to: 'd' })
    expect(edges).toHaveLength(3)
  })

  test('that wait for steps nobody knows, or in a ring, are drawn all the same', () => {
    const graph = graphOf(dag('a: b nobody', 'b: a', 'c: c'))
    expect(graph.layers.flat().toSorted()).toEqual(['a', 'b', 'c'])
    expect(graph.edges).toEqual([{ from: 'b', to: 'a' }])
  })
})

describe('the layout of steps', () => {
  test('puts a chain on one straight line', () => {
    const { layers, rows, spots } = layoutOf(graphOf(chain('a', 'b', 'c')))
    expect({ layers, rows }).toEqual({ layers: 3, rows: 1 })
    expect([...spots.values()].map(({ row }) => row)).toEqual([0, 0, 0])
  })

  test('puts parallel branches side by side, and what comes before and after in their middle', () => {
    const { spots } = layoutOf(graphOf(dag('a:', 'b: a', 'c: a', 'd: b c')))
    expect(spots.get('b')).toEqual({ layer: 1, row: 0 })
    expect(spots.get('c')).toEqual({ layer: 1, row: 1 })
    expect(spots.get('a')?.row).toBe(0.5)
    expect(spots.get('d')).toEqual({ layer: 2, row: 0.5 })
  })

  test('leads a long line past the steps between', () => {
    const { lines, spots } = layoutOf(graphOf(dag('a:', 'b: a', 'c: b', 'd:', 'e: d c')))
    const long = lines.find(({ from, to }) => from === 'd' && to === 'e')
    expect(long?.spots).toHaveLength(4)
    for (const spot of long?.spots.slice(1, -1) ?? []) {
      for (const step of spots.values()) {
        if (step.layer === spot.layer) expect(Math.abs(step.row - spot.row)).toBeGreaterThan(0.6)
      }
    }
  })

  test('of any graph has no edge that goes back, no two steps on top of each other, and all of them within', () => {
    fc.assert(
      fc.property(anyGraph, (steps) => {
        const { layers, rows, spots, lines } = layoutOf(graphOf(steps))
        expect(spots.size).toBe(steps.length)
        for (const { from, to, spots: passed } of lines) {
          expect(passed[0]).toEqual(spots.get(from))
          expect(passed.at(-1)).toEqual(spots.get(to))
          for (const [at, { layer }] of passed.entries()) expect(layer).toBe((passed[0]?.layer ?? 0) + at)
        }
        for (const { id, dependsOn } of steps) {
          for (const other of dependsOn) {
            expect(spots.get(id)?.layer).toBeGreaterThan(spots.get(other)?.layer ?? Number.NaN)
          }
        }
        const sorted = [...spots.values()].toSorted((a, b) => a.layer - b.layer || a.row - b.row)
        for (const [at, spot] of sorted.entries()) {
          expect(spot.layer).toBeLessThan(layers)
          expect(spot.row).toBeGreaterThan(-1e-9)
          expect(spot.row).toBeLessThan(rows - 1 + 1e-9)
          const before = sorted[at - 1]
          if (before?.layer === spot.layer) expect(spot.row - before.row).toBeGreaterThan(1 - 1e-9)
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('the arrow keys', () => {
  const layout = layoutOf(graphOf(dag('a:', 'b: a', 'c: a', 'd: b c')))

  test('lead to the step that lies there', () => {
    expect(neighbour(layout, 'a', 'ArrowRight', false)).toBe('b')
    expect(neighbour(layout, 'b', 'ArrowDown', false)).toBe('c')
    expect(neighbour(layout, 'c', 'ArrowUp', false)).toBe('b')
    expect(neighbour(layout, 'c', 'ArrowRight', false)).toBe('d')
    expect(neighbour(layout, 'd', 'ArrowLeft', false)).toBe('b')
  })

  test('lead nowhere beyond the edge, and are left to others', () => {
    expect(neighbour(layout, 'a', 'ArrowLeft', false)).toBeUndefined()
    expect(neighbour(layout, 'b', 'ArrowUp', false)).toBeUndefined()
    expect(neighbour(layout, 'd', 'ArrowRight', false)).toBeUndefined()
    expect(neighbour(layout, 'a', 'Enter', false)).toBeUndefined()
  })

  test('are turned with a graph that goes from top to bottom', () => {
    expect(neighbour(layout, 'a', 'ArrowDown', true)).toBe('b')
    expect(neighbour(layout, 'b', 'ArrowRight', true)).toBe('c')
  })
})
