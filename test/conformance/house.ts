import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '../../src/server/index.ts'

export interface Here {
  url: string
  /** The admin's. */
  token: string
  close(): Promise<void>
}

/** A server of our own in this process, on any port. */
export async function serveHere(): Promise<Here> {
  const data = await mkdtemp(join(tmpdir(), 'drumline-conformance-'))
  const server = await startServer({ data, port: 0 })
  const token = (await readFile(server.adminTokenFile, 'utf8')).trim()
  const close = async (): Promise<void> => {
    await server.close()
    await rm(data, { recursive: true, force: true })
  }
  return { url: server.url, token, close }
}
