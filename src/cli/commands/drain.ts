import { get as httpGet } from 'node:http'
import { get as httpsGet } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../../client/node.ts'
import type { AgentView, FeedData } from '../../protocol/index.ts'
import { CONNECT, WATCHING, withClient } from '../connect.ts'
import { type Context, define } from '../define.ts'
import { EXIT, usage } from '../errors.ts'
import { toggle } from '../flags.ts'
import { printable } from '../format.ts'
import { findAgent } from '../known-agents.ts'
import { print } from '../output.ts'

const FLAGS = {
  server: toggle('--server', 'drain the server itself'),
  undo: toggle('--undo', 'let the agent take work again'),
  wait: toggle('--wait', 'return only when the agent has left, or the server has ended'),
  ...CONNECT,
}

export const drain = define({
  name: 'drain',
  about:
    'Let an agent or the server finish and leave. An agent takes no more work; once what it runs has ended its process exits ' +
    'with 0, and it gets no work, however often it is started, until --undo. A server hands out no more work, sends every ' +
    'client off within a minute and exits with 0, as on SIGTERM; what runs goes on.',
  args: [['[agent]', 'its name or id, as `agents` prints them', 'agent']],
  flags: FLAGS,
  json: '{id, name, state, running} of the agent, or {server, state: "draining" or "ended"}',
  exits: [[EXIT.ok, 'it drains; with --wait: it has left']],
  examples: [
    'drumline drain build-1',
    'drumline drain build-1 --wait && ssh build-1 sudo reboot',
    'drumline drain build-1 --undo',
    'drumline drain --server --wait',
  ],
  run: (context) => (context.flags.server ? drainServer(context) : drainAgent(context)),
})

async function drainAgent(context: Context<typeof FLAGS>): Promise<number> {
  const { args, flags } = context
  const [who] = args
  if (who === undefined) throw usage('give an agent, or --server')
  if (flags.undo && flags.wait) throw usage('--wait is for draining, not for --undo')
  return withClient(
    context,
    async (client) => {
      const { id } = await findAgent(client, who)
      await client.call('agent.set', { id, drain: !flags.undo })
      const agent = await findAgent(client, id)
      if (flags.wait) await untilLeft(client, id)
      await say(context, flags.wait ? { ...agent, state: 'offline', running: 0 } : agent)
      return EXIT.ok
    },
    flags.wait ? WATCHING : {},
  )
}

async function say(context: Context<typeof FLAGS>, { id, name, state, running }: AgentView): Promise<void> {
  const { flags } = context
  await print(context, { id, name, state, running }, () => {
    const who = printable(name)
    if (flags.undo) return `${who} takes work again\n`
    if (flags.wait) return `${who} has left\n`
    if (state === 'offline') return `${who} is offline; it gets no work when it is back\n`
    const what = running === 1 ? 'the workflow it runs has' : `the ${running} workflows it runs have`
    return `${who} takes no more work, and leaves${running === 0 ? '' : ` once ${what} ended`}\n`
  })
}

/** Resolves when it is not connected and holds nothing any more. */
function untilLeft(client: Client, id: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (agent: AgentView) => {
      if (agent.id === id && agent.state === 'offline' && agent.running === 0) resolve()
    }
    const onData = (data: FeedData) => {
      if (data.kind === 'agent') look(data.agent)
      else if (data.kind === 'removed' && data.id === id) resolve()
    }
    // A snapshot holds only the first of many.
    const onSnapshot = () => void findAgent(client, id).then(look, reject)
    client.subscribe('agents', { onSnapshot, onData, onEnd: reject }).catch(reject)
  })
}

async function drainServer(context: Context<typeof FLAGS>): Promise<number> {
  const { args, flags } = context
  if (args.length > 0) throw usage('give an agent or --server, not both')
  if (flags.undo) throw usage('a server that drains cannot be told to stay; start it again')
  await withClient(context, (client) => client.call('server.drain', {}))
  if (flags.wait) await untilEnded(flags.url)
  await print(context, { server: flags.url, state: flags.wait ? 'ended' : 'draining' }, () =>
    flags.wait
      ? 'the server has ended\n'
      : 'the server hands out no more work, and ends when every client has left, within a minute\n',
  )
  return EXIT.ok
}

const LOOK_MS = 250
const ANSWER_MS = 5_000

async function untilEnded(url: string): Promise<void> {
  const ready = new URL('/readyz', url.replace(/^ws/, 'http'))
  while (await drains(ready)) await sleep(LOOK_MS)
}

/** As long as a server that drains is there, it says itself that it is not ready. */
function drains(ready: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const get = ready.protocol === 'https:' ? httpsGet : httpGet
    // A connection of its own each time: `fetch` keeps one, and may never settle when the server closes it.
    const request = get(ready, { agent: false, timeout: ANSWER_MS }, (response) => {
      response.resume()
      resolve(response.statusCode === 503 && 'drumline' in response.headers)
    })
    request.on('timeout', () => request.destroy())
    request.on('close', () => resolve(false))
    request.on('error', () => resolve(false))
  })
}
