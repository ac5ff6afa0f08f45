import { join } from 'node:path'
import { readTree } from '../architecture/sources.ts'
import { type Exported, surfaceOf } from './surface.ts'

export const ROOT = join(import.meta.dirname, '..', '..')

const tree = readTree(ROOT, 'src')

/** What each entry point exports. In a browser `drumline/client` is `index.ts`, which is in `node.ts` as well. */
export const ENTRIES: Readonly<Record<string, Exported[]>> = {
  'drumline/agent': surfaceOf(tree, 'src/agent/index.ts'),
  'drumline/client': surfaceOf(tree, 'src/client/node.ts'),
  'drumline/server': surfaceOf(tree, 'src/server/index.ts'),
  'drumline/protocol': surfaceOf(tree, 'src/protocol/public.ts'),
}
