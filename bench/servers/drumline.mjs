// The whole server on SQLite, in a folder of its own.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '../../dist/server/index.js'
import './memory.mjs'

const data = mkdtempSync(join(tmpdir(), 'drumline-bench-'))
const server = await startServer({ port: 0, data })
process.send({ port: server.port, url: server.url, token: readFileSync(server.adminTokenFile, 'utf8').trim() })
process.on('SIGTERM', async () => {
  await server.close()
  rmSync(data, { recursive: true, force: true })
  process.exit()
})
