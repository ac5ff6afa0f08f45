import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'

/** Opens a server on a free port of this machine. */
export async function listening<S extends Server>(server: S): Promise<S> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

export function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
