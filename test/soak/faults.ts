import { Random } from '../support/random.ts'
import type { TcpProxy } from '../support/tcp-proxy.ts'
import type { Kind } from './options.ts'
import type { Pace } from './pace.ts'
import type { Player, World } from './world.ts'

interface Stress {
  world: World
  pace: Pace
  random: Random
  /** Milliseconds of a lease: what lasts longer loses work. */
  leaseMs: number
  count: (fault: string) => void
}

/** Does harm until the time is over, and resolves when the last harm is undone. The server, each agent and each network suffer on their own. */
export async function harm(kinds: readonly Kind[], seed: number, stress: Omit<Stress, 'random'>): Promise<void> {
  const { world } = stress
  const loops: Promise<void>[] = []
  const suffer = (kind: Kind, every: [number, number], one: (stress: Stress) => Promise<void>) => {
    // Each with chances of its own: what one takes its time for changes nothing for the others.
    const random = new Random(seed * 1_000 + loops.length)
    if (kinds.includes(kind)) loops.push(repeat({ ...stress, random }, every, one))
  }
  suffer('server', [8, 30], harmServer)
  for (const player of world.players) suffer('agent', [10, 50], (own) => harmAgent(own, player))
  for (const { proxy } of world.players) suffer('network', [5, 35], (own) => harmNetwork(own, proxy))
  suffer('network', [10, 40], (own) => harmNetwork(own, world.operators))
  await Promise.all(loops)
}

/** Seconds of peace, then harm. */
async function repeat(stress: Stress, [least, most]: [number, number], one: (stress: Stress) => Promise<void>) {
  while (await stress.pace.pass(stress.random.between(least * 1_000, most * 1_000))) await one(stress)
}

/** Short, mostly; now and then longer than a lease. */
function howLong({ random, leaseMs }: Stress): number {
  return random.next() < 0.7 ? random.between(0, leaseMs / 2) : random.between(leaseMs, leaseMs * 2)
}

async function harmServer(stress: Stress): Promise<void> {
  const { world, pace, random, count } = stress
  const signal = random.pick(['SIGKILL', 'SIGKILL', 'SIGTERM'] as const)
  count(`server ${signal}`)
  const { process } = world.stage.server
  process.signal(signal)
  await process.finished(120_000)
  await pace.pass(howLong(stress))
  await world.startServer()
}

async function harmAgent(stress: Stress, player: Player): Promise<void> {
  const { world, pace, random, count } = stress
  const signal = random.pick(['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGSTOP'] as const)
  count(`agent ${signal}`)
  if (signal === 'SIGTERM') {
    player.process.signal(signal)
    // It may have much to finish: patience, then violence.
    await pace.until(() => player.process.ended !== undefined, random.between(1_000, 20_000))
    if (player.process.ended !== undefined) return world.startAgent(player)
  }
  player.process.signal(signal === 'SIGSTOP' ? 'SIGSTOP' : 'SIGKILL')
  if (signal !== 'SIGSTOP') await player.process.finished(120_000)
  await pace.pass(howLong(stress))
  if (signal === 'SIGSTOP') player.process.signal('SIGCONT')
  else await world.startAgent(player)
}

const WEATHER = ['cut', 'cut', 'refuse', 'hold up', 'hold down', 'hold both', 'delay', 'throttle', 'split'] as const

async function harmNetwork(stress: Stress, proxy: TcpProxy): Promise<void> {
  const { pace, random, count } = stress
  const what = random.pick(WEATHER)
  count(`network ${what}`)
  const { up, down } = proxy
  if (what === 'cut' || what === 'refuse') proxy.cut(what === 'refuse')
  if (what === 'hold up' || what === 'hold both') up.hold()
  if (what === 'hold down' || what === 'hold both') down.hold()
  if (what === 'delay') up.weather = down.weather = { delayMs: random.between(20, 300) }
  if (what === 'throttle') up.weather = down.weather = { bytesPerSecond: random.between(20_000, 200_000) }
  if (what === 'split') up.weather = down.weather = { pieceBytes: random.between(1, 60) }
  if (what !== 'cut') await pace.pass(howLong(stress))
  proxy.mend()
}
