import { describe, expect, test } from 'vitest'
import { DOOR } from '../../src/protocol/index.ts'
import { networkOf } from '../../src/server/http/network-of.ts'
import { startServer } from '../../src/server/index.ts'
import { type Front, many } from '../server/http/front.ts'
import { exchange, folder, requestText, UPGRADE } from '../server/support/served.ts'
import { waitUntil } from '../support/wait-until.ts'
import { BareSocket } from './support/bare-socket.ts'
import { answers, come, leave } from './support/crowd.ts'
import { connections, counted, isWell, openDoor, TOKEN } from './support/front-door.ts'

const refusals = (front: Front, reason: string) => counted(front, `drumline_refusals_total{reason="${reason}"}`)
const retryAfter = ({ head }: BareSocket) => Number(/^retry-after: (\d+)$/im.exec(head)?.[1])

describe('case 12: crowds:', { timeout: 180_000 }, () => {
  test('an address has its limit, and others come in meanwhile: 429 with Retry-After', async () => {
    const front = await openDoor(undefined, { perAddress: 5 })
    const crowd = come(front.port, 20, { token: TOKEN })
    expect(await answers(crowd)).toEqual({ 101: 5, 429: 15 })
    const [refused] = crowd.filter(({ status }) => status === 429)
    expect(retryAfter(refused as BareSocket)).toBeGreaterThan(0)
    expect(await refusals(front, 'address')).toBe(15)
    const other = new BareSocket(front.port, '127.0.0.77')
    expect(await other.upgrade(TOKEN)).toBe(101)
    leave(crowd)
    await connections(front, 1)
    await isWell(front)
  })

  test('a limit of 1 is one, and 0 is none that a server takes', async () => {
    const front = await openDoor(undefined, { perAddress: 1 })
    const two = come(front.port, 2, { token: TOKEN })
    expect(await answers(two)).toEqual({ 101: 1, 429: 1 })
    for (const maxConnections of [0, -1, 0.5, Number.NaN]) {
      await expect(startServer({ data: await folder(), port: 0, maxConnections })).rejects.toThrow('a limit of')
      await expect(
        startServer({ data: await folder(), port: 0, maxConnectionsPerAddress: maxConnections }),
      ).rejects.toThrow('a limit of')
    }
  })

  test('the server has its limit, whoever comes: 503 with Retry-After', async () => {
    const front = await openDoor(undefined, { total: 10 })
    const crowd = come(front.port, 30, { token: TOKEN, addresses: 15 })
    expect(await answers(crowd)).toEqual({ 101: 10, 503: 20 })
    expect(crowd.filter(({ status }) => status === 503).every((one) => retryAfter(one) > 0)).toBe(true)
    leave(crowd)
    await connections(front, 0)
    await isWell(front)
  })

  test('an IPv6 customer counts as one, however many addresses he has', () => {
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe(networkOf('2001:db8:1:2::9'))
    expect(networkOf('2001:db8:1:2::9')).not.toBe(networkOf('2001:db8:1:3::9'))
    expect(networkOf('::1')).toBe('0:0:0:0::/64')
    expect(networkOf('10.0.0.1')).not.toBe(networkOf('10.0.0.2'))
  })

  test('sockets that say no hello take only their part of the room, and another credential comes in', async () => {
    const front = await openDoor()
    await front.as('viewer')
    const crowd = come(front.port, DOOR.unheard + 60, { token: TOKEN })
    // Each comes in at its turn, and the clock stands still: in all of this no five seconds pass.
    for (const turns of [1, 2]) {
      const answered = () => crowd.filter(({ status }) => status !== 0).length === turns * DOOR.perSecond
      await waitUntil(answered, { what: `${turns} seconds' turns`, limitMs: 60_000 })
      await front.house.clock.advance(1_000)
    }
    expect(await answers(crowd)).toEqual({ 101: DOOR.unheard, 429: 60 })
    expect(await refusals(front, 'unheard')).toBe(60)
    const other = new BareSocket(front.port)
    expect(await other.upgrade('token-of-viewer')).toBe(101)
    leave(crowd)
  })

  test('sockets that ask for nothing make room for newer ones, and the good one is among these', async () => {
    const front = await openDoor()
    const idle = come(front.port, 300)
    await Promise.all(idle.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))))
    await isWell(front)
    const more = come(front.port, DOOR.silent - 200)
    await waitUntil(() => idle.filter(({ closeCode }) => closeCode !== undefined).length >= 100, {
      what: 'the end of those that were silent longest',
      limitMs: 60_000,
    })
    expect(more.every(({ closeCode }) => closeCode === undefined)).toBe(true)
    expect(await refusals(front, 'silent')).toBeGreaterThanOrEqual(100)
    await isWell(front)
    leave([...idle, ...more])
  })

  test('guesses, a hundred a second, are each answered late once there were many; a good agent behind the same address is not', async () => {
    const front = await openDoor()
    const guesses = (count: number) => many(count).map((at) => guess(front, `guess-${at}`))
    const first = await Promise.all(guesses(DOOR.guesses))
    expect(new Set(first.map(({ status }) => status))).toEqual(new Set([401]))
    const late = guesses(40)
    const pending = front.house.clock.pending
    await waitUntil(() => front.house.clock.pending >= pending + 40, { what: 'answers kept back', limitMs: 60_000 })
    await isWell(front)
    await front.house.clock.advance(DOOR.lateMs)
    for (const answer of await Promise.all(late)) {
      expect(answer.status).toBe(429)
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    }
    expect(await refusals(front, 'guesses')).toBe(40)
  })
})

const guess = (front: Front, token: string) =>
  exchange(front, requestText({ ...UPGRADE, authorization: `Bearer ${token}` }))
