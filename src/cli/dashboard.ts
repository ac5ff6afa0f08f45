import type { Server } from '../server/index.ts'
import type { World } from './world.ts'

/** Says how to open the dashboard of a server in this process: a link to a terminal alone, since in a journal it would be a secret on a disk. */
export async function dashboardOf(world: World, server: Server): Promise<string> {
  // Whatever keeps the store from making one does not keep the server from running.
  const link = world.stdout.isTerminal ? await server.loginLink().catch(() => undefined) : undefined
  if (link === undefined) return '`drumline login` prints a link to the dashboard'
  return `dashboard at ${link}\nthat link logs in once, within ten minutes; \`drumline login\` prints another`
}
