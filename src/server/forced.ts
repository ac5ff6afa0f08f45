import type { Labels } from '../protocol/index.ts'

const ANY = '*'

/**
 * An agent's labels under those that its credential forces. Theirs stand, whatever the agent says of itself: it carries
 * them, and takes only work that carries them (`!k=v`). A forced `*` suits any value, and asks for none.
 */
export function force(labels: Labels, forced: Labels): Labels {
  const all = { ...labels }
  for (const [key, value] of Object.entries(forced)) {
    all[key] = value
    if (value === ANY) delete all[`!${key}`]
    else all[`!${key}`] = value
  }
  return all
}

/** Whether work with these labels may go to an agent whose credential forces those. */
export function mayHave(forced: Labels, work: Labels): boolean {
  return Object.entries(forced).every(
    ([key, value]) => value === ANY || (Object.hasOwn(work, key) && work[key] === value),
  )
}
