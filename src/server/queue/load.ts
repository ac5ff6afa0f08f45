import type { Store } from '../store/store.ts'
import type { QueueIndex } from './queue-index.ts'

/** Workflows read at a time: short enough that no agent's write waits long behind it. */
const PAGE = 1000

/**
 * Fills the index at start. Give it the store's changes from before this call on: until all is read nothing is matched,
 * since a group's places and the order are not known yet. A store that fails rejects; call again.
 */
export async function loadIndex(index: QueueIndex, store: Pick<Store, 'loadQueue'>): Promise<void> {
  index.startLoading()
  for (let after = 0; ; ) {
    const { rows, more } = await store.loadQueue(after, PAGE)
    for (const row of rows) {
      index.apply(row)
      after = Math.max(after, row.lane?.order ?? 0)
    }
    if (!more || rows.length === 0) break
  }
  index.finishLoading()
}
