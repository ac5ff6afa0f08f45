// Prints the log of a workflow from its first line to its last, while it runs or long after:
//   DRUMLINE_TOKEN=drl_… node --experimental-strip-types examples/follow-logs.ts ID http://127.0.0.1:7800
import { BusError, dialClient, followLogs } from 'drumline/client'

const [id = '', url = 'http://127.0.0.1:7800'] = process.argv.slice(2)
const client = await dialClient({ url, token: process.env.DRUMLINE_TOKEN ?? '' })

const stop = new AbortController()
process.once('SIGINT', () => stop.abort())

try {
  for await (const { part } of followLogs(client, id, { signal: stop.signal })) {
    if (part.kind === 'lines') process.stdout.write(part.text)
    else console.log(`(lines ${part.from} to ${part.to} of ${part.stepId} are missing: ${part.reason})`)
  }
} catch (error) {
  if (!(error instanceof BusError)) throw error
  console.error(`${error.code}: ${error.message}`)
  process.exitCode = 1
}
client.close()
