import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dashboardOf } from '../dashboard.ts'
import { define } from '../define.ts'
import { toggle } from '../flags.ts'
import type { World } from '../world.ts'
import { readExamples } from './example.ts'
import { play } from './play.ts'
import { openStage, type Stage } from './stage.ts'
import { summarize } from './summary.ts'

/** As a shell says of a program that was ended by Ctrl-C. */
const INTERRUPTED = 130

export const demoCommand = define({
  name: 'demo',
  about: 'Run a server, two agents and the example workflows in one process and a temporary folder.',
  exits: [[1, 'an example did not end as it says']],
  flags: { once: toggle('--once', 'end by itself, with 0 if every example ended as it says') },
  examples: ['drumline demo', 'drumline demo --once'],
  async run({ world, flags }) {
    const interrupt = new AbortController()
    const release = (['SIGINT', 'SIGTERM'] as const).map((name) => world.onSignal(name, () => interrupt.abort()))
    try {
      return await perform(world, flags.once, interrupt.signal)
    } catch (error) {
      if (interrupt.signal.aborted) return INTERRUPTED
      throw error
    } finally {
      for (const giveBack of release) giveBack()
    }
  },
})

async function perform(world: World, once: boolean, signal: AbortSignal): Promise<number> {
  const say = (text: string) => void world.stdout.write(`${text}\n`)
  const examples = readExamples(join(checkout(), 'examples', 'workflows'))
  const stage = await openStage(world.env)
  try {
    say(
      `a server on ${stage.server.url}, the agents north (pool=fast) and south (pool=heavy), ${examples.length} workflows`,
    )
    if (!once) say(await dashboardOf(world, stage.server))
    const environment = { DRUMLINE_CHECKOUT: checkout() }
    const ended = await play(stage.client, examples, environment, (name, line) => say(`[${name}] ${line}`), signal)
    const { text, ok } = summarize(ended)
    say(`\n${text}`)
    if (!once) await linger(stage, say, signal)
    return ok ? 0 : 1
  } finally {
    await stage.close()
  }
}

/** Leaves everything up, for the curious, until it is interrupted. */
function linger({ server, data }: Stage, say: (text: string) => void, signal: AbortSignal): Promise<void> {
  say(`\nThe server and its agents stay up. In another terminal, in this folder:
  export DRUMLINE_URL=${server.url} DRUMLINE_DATA=${data}
  node bin/drumline.js list
  node bin/drumline.js login
  node bin/drumline.js submit examples/workflows/01-hello.yaml --follow
Ctrl-C ends all of it and leaves nothing behind.`)
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** The folder with `examples`: three up from here, in `src` as in `dist`. */
function checkout(): string {
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  if (!existsSync(join(root, 'examples', 'workflows'))) throw new Error(`no examples in ${root}`)
  return root
}
