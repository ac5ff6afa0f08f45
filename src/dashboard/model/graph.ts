/** A step, and the ids of those that it starts after. */
export interface GraphStep {
  readonly id: string
  readonly dependsOn: readonly string[]
}

/** Steps as a graph without rings, in layers: each step stands after the last that it waits for. */
export interface Graph {
  readonly layers: readonly (readonly string[])[]
  /** Those that others do not imply: with a → b → c there is no a → c. */
  readonly edges: readonly Edge[]
}

export interface Edge {
  readonly from: string
  readonly to: string
}

export function graphOf(steps: readonly GraphStep[]): Graph {
  const before = waitsFor(steps)
  const depths = depthsOf(steps, before)
  const layers = Array.from({ length: Math.max(...depths.values()) + 1 }, (_, depth) =>
    steps.map(({ id }) => id).filter((id) => depths.get(id) === depth),
  )
  return { layers, edges: edgesOf(layers.flat(), before) }
}

/** One after the other: a list is all that there is to draw. */
export function isChain({ layers }: Graph): boolean {
  return layers.every((layer) => layer.length === 1)
}

type Before = ReadonlyMap<string, readonly string[]>

function waitsFor(steps: readonly GraphStep[]): Before {
  const known = new Set(steps.map(({ id }) => id))
  return new Map(
    steps.map(({ id, dependsOn }) => [id, [...new Set(dependsOn)].filter((other) => known.has(other) && other !== id)]),
  )
}

/** The longest way to each. The server takes no rings; in one that came all the same a step waits for nobody who waits for it. */
function depthsOf(steps: readonly GraphStep[], before: Before): ReadonlyMap<string, number> {
  const depths = new Map<string, number>()
  const asked = new Set<string>()
  const depthOf = (id: string): number => {
    const known = depths.get(id)
    if (known !== undefined) return known
    if (asked.has(id)) return -1
    asked.add(id)
    const depth = 1 + Math.max(-1, ...(before.get(id) ?? []).map(depthOf))
    depths.set(id, depth)
    return depth
  }
  for (const { id } of steps) depthOf(id)
  return depths
}

/** `ids` in the order of their layers. */
function edgesOf(ids: readonly string[], before: Before): Edge[] {
  const done = new Map<string, ReadonlySet<string>>()
  const edges: Edge[] = []
  for (const to of ids) {
    const direct = (before.get(to) ?? []).filter((from) => done.has(from))
    const implied = new Set(direct.flatMap((from) => [...(done.get(from) ?? [])]))
    for (const from of direct) if (!implied.has(from)) edges.push({ from, to })
    done.set(to, new Set([...implied, ...direct]))
  }
  return edges
}
