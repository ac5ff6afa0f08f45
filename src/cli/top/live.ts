import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../../client/node.ts'
import type { Outages } from '../connect.ts'
import { styleOf } from '../format.ts'
import type { World } from '../world.ts'
import { Model } from './model.ts'
import { Screen } from './screen.ts'

/** Drawn no more often … */
const DRAW_MS = 100
/** … and no less, for the ages. */
const AGE_MS = 1_000

interface LiveOptions {
  readonly client: Client
  readonly outages: Outages
  readonly world: World
  readonly url: string
}

/**
 * Draws the overview over and over until `q`, Ctrl-C or a signal; the terminal is then as it was, whatever happened. Rejects when the
 * server is given up, or tells no more.
 */
export async function showLive({ client, outages, world, url }: LiveOptions): Promise<void> {
  const stop = new AbortController()
  let failure: unknown
  let stale = true
  const model = new Model(client, url, {
    changed() {
      stale = true
    },
    over(error) {
      failure ??= error
      stop.abort()
    },
  })
  outages.say = (_, why) => model.linked(why)
  await model.open()
  const screen = new Screen(world, (text) => model.typed(text))
  const giveBack = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => world.onSignal(name, () => stop.abort()))
  try {
    await screen.enter()
    for (let drawn = 0; !stop.signal.aborted; ) {
      const now = Date.now()
      if (stale || screen.resized || now - drawn >= AGE_MS) {
        stale = false
        drawn = now
        await screen.draw((rows) => model.lines(now, styleOf(world.stdout, world.env), rows))
      }
      await sleep(DRAW_MS, undefined, { signal: stop.signal }).catch(() => {})
    }
  } finally {
    await screen.leave()
    for (const back of giveBack) back()
  }
  if (failure !== undefined) throw failure
}
