import { requestText, UPGRADE } from '../../server/support/served.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { BareSocket } from './bare-socket.ts'

interface CrowdOptions {
  /** Missing: they ask for nothing. */
  token?: string | undefined
  /** From so many in turn, default 1; loopback has a whole /8 of them. */
  addresses?: number
  /** The first half of an address; default 127.0, whose first is everybody's. */
  network?: string
}

/** Many come at once, and each asks for the upgrade. */
export function come(port: number, count: number, options: CrowdOptions = {}): BareSocket[] {
  const { token, addresses = 1, network = '127.0' } = options
  return Array.from({ length: count }, (_, at) => {
    const socket = new BareSocket(port, `${network}.0.${(at % addresses) + 1}`)
    if (token !== undefined) {
      socket.socket.write(requestText({ ...UPGRADE, authorization: `Bearer ${token}` }))
    }
    return socket
  })
}

/** How many were answered with which status; 0 for those whose socket went without an answer. */
export async function answers(sockets: readonly BareSocket[]): Promise<Record<number, number>> {
  const settled = () => sockets.every(({ status, closeCode }) => status !== 0 || closeCode !== undefined)
  await waitUntil(settled, { what: 'every answer', limitMs: 120_000 })
  const counts: Record<number, number> = {}
  for (const { status } of sockets) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

export function leave(sockets: readonly BareSocket[]): void {
  for (const { socket } of sockets) socket.destroy()
}
