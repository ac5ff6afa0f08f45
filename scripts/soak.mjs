// A server, agents and workflows under random faults, then a check that nothing was lost and nothing ran twice.
//   npm run soak -- --minutes 20 --seed 1 [--kill server,agent,network] [--agents 3] [--lease 8]
import { fileURLToPath } from 'node:url'
import { createViteServer } from 'vitest/node'
import { buildIfStale } from './build.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const stop = new AbortController()

// It is a part of the tests, in TypeScript, and Node 20 alone does not read that.
async function load() {
  const vite = await createViteServer({
    root,
    configFile: false,
    appType: 'custom',
    logLevel: 'error',
    optimizeDeps: { noDiscovery: true, include: [] },
    server: { middlewareMode: true, watch: null, hmr: false, ws: false },
  })
  return { vite, ...(await vite.ssrLoadModule('/test/soak/main.ts')) }
}

process.on('SIGINT', () => {
  if (stop.signal.aborted) process.exit(130)
  console.log('stopping: what was done so far is checked; once more ends at once')
  stop.abort()
})

if (buildIfStale()) {
  const { vite, main } = await load()
  process.exitCode = await main(process.argv.slice(2), stop.signal, (line) => console.log(line))
  await vite.close()
} else process.exitCode = 2
