import { describe, expect, test } from 'vitest'
import { LIVENESS, LOGIN, MESSAGE } from '../../src/protocol/index.ts'
import type { Login } from '../../src/server/store/login-store.ts'
import type { TestClient } from './support/client.ts'
import { type House, openHouse } from './support/house.ts'

let cookies = 0

/** A login of a viewer, whose token hashes to its name. */
async function loggedIn(house: House, name = 'viewer'): Promise<Login> {
  const tokenHash = `hash of ${name}`
  if ((await house.store.findCredential(tokenHash)) === null) {
    await house.store.createCredential({ role: 'viewer', name, labels: {}, tokenHash })
  }
  const login = await house.store.logIn({
    proof: { token: tokenHash },
    cookie: `c${++cookies}`,
    before: undefined,
    address: '',
  })
  if (login === null) throw new Error('no login')
  return login
}

/** A page's connection, not greeted yet. */
const page = (house: House, login: Login): TestClient => house.connect(login.credential, login)

async function welcomed(house: House, login: Login): Promise<TestClient> {
  const client = page(house, login)
  client.hello({ ticket: await house.core.logins.ticket(login.id) })
  await client.frame('welcome')
  return client
}

describe('a page on the bus', () => {
  test('enters by its ticket, may do what its credential may, and hears the limits of a page', async () => {
    const house = await openHouse()
    const client = await welcomed(house, await loggedIn(house))
    expect((await client.frame('welcome')).limits.messageBytes).toBe(MESSAGE.browserBytes)
    expect(await client.call('queue.info', {})).toMatchObject({ paused: false })
    await expect(client.call('queue.pause', {})).rejects.toMatchObject({ code: 'forbidden' })
  })

  const WRONG: [what: string, ticket: (house: House, login: Login) => Promise<string | undefined>][] = [
    ['without a ticket', async () => undefined],
    ['with one that nobody made', async () => 'made-up'],
    [
      'with one that was used',
      async (house, login) => {
        const ticket = await house.core.logins.ticket(login.id)
        const first = page(house, login)
        first.hello({ ticket })
        await first.frame('welcome')
        return ticket
      },
    ],
    [
      'with one that is thirty seconds old',
      async (house, login) => {
        const ticket = await house.core.logins.ticket(login.id)
        await house.clock.advance(LOGIN.ticketMs)
        return ticket
      },
    ],
    [
      'with one of another login of the same credential',
      async (house) => house.core.logins.ticket((await loggedIn(house)).id),
    ],
    [
      'with one of somebody else',
      async (house) => house.core.logins.ticket((await loggedIn(house, 'somebody else')).id),
    ],
    [
      'with one whose login has ended',
      async (house, login) => {
        const ticket = await house.core.logins.ticket(login.id)
        await house.store.logOut(login.id)
        return ticket
      },
    ],
  ]
  test.each(WRONG)('is sent away (4004) %s', async (_, ticketOf) => {
    const house = await openHouse()
    const login = await loggedIn(house)
    const ticket = await ticketOf(house, login)
    const client = page(house, login)
    client.hello(ticket === undefined ? {} : { ticket })
    expect(await client.end()).toEqual({ code: 4004, reason: 'the ticket is no good; get another' })
    expect(client.all('welcome')).toEqual([])
  })

  test('may call nothing before its ticket was taken', async () => {
    const house = await openHouse()
    const client = page(house, await loggedIn(house))
    client.raw({ type: 'request', id: 1, method: 'queue.info', params: {} })
    expect(await client.end()).toMatchObject({ code: 4502 })
  })

  test('says hello within five seconds', async () => {
    const house = await openHouse()
    const client = page(house, await loggedIn(house))
    await house.clock.advance(LIVENESS.helloMs)
    expect(await client.end()).toMatchObject({ code: 4001 })
  })

  test('is an operator’s or a viewer’s: it names no agent', async () => {
    const house = await openHouse()
    const login = await loggedIn(house)
    const client = page(house, login)
    const agent = { name: 'a', version: '1', platform: 'p', backend: 'b', capacity: 1, labels: {} }
    client.hello({ ticket: await house.core.logins.ticket(login.id), agent })
    expect(await client.end()).toMatchObject({ code: 4500 })
  })

  test('sends no message over 16 KiB, which a machine may', async () => {
    const house = await openHouse()
    const login = await loggedIn(house)
    const text = 'x'.repeat(MESSAGE.browserBytes)
    const request = { type: 'request', id: 1, method: 'echo', params: { text, back: false } }
    const client = await welcomed(house, login)
    client.raw(request)
    expect(await client.end()).toMatchObject({ code: 1009 })
    const machine = house.connect(login.credential)
    machine.hello()
    await machine.frame('welcome')
    expect(await machine.call('echo', { text, back: false })).toMatchObject({ text: '' })
  })

  test('is answered a ping by a pong', async () => {
    const house = await openHouse()
    const client = await welcomed(house, await loggedIn(house))
    client.raw({ type: 'ping', at: 7 })
    expect(await client.frame('pong')).toEqual({ type: 'pong', at: 7 })
  })

  test('cannot make itself another login', async () => {
    const house = await openHouse()
    const login = await loggedIn(house)
    const client = await welcomed(house, login)
    await expect(client.call('login.code', {})).rejects.toMatchObject({ code: 'forbidden' })
    const machine = house.connect(login.credential)
    machine.hello()
    await machine.frame('welcome')
    const { code, expires } = await machine.call('login.code', {})
    expect(code).toMatch(/^drs_[\w-]{43}$/)
    expect(expires).toBe(house.clock.now() + LOGIN.codeMs)
  })
})

describe('every connection of a login ends with it, and no other (4004)', () => {
  async function connections(house: House) {
    const login = await loggedIn(house)
    const tabs = [await welcomed(house, login), await welcomed(house, login), page(house, login)]
    return { login, tabs, other: await welcomed(house, await loggedIn(house)) }
  }

  test('by a logout', async () => {
    const house = await openHouse()
    const { login, tabs, other } = await connections(house)
    await house.store.logOut(login.id)
    for (const tab of tabs) expect(await tab.end()).toEqual({ code: 4004, reason: 'the login has ended' })
    expect(other.ended).toBeUndefined()
  })

  test('seven days after it was made, though the page is connected all the time', async () => {
    const house = await openHouse()
    house.usage.start()
    const client = await welcomed(house, await loggedIn(house))
    const end = house.clock.now() + LOGIN.maxMs
    // Minute by minute would take long: the clock jumps, and a minute passes.
    while (house.clock.now() < end - LOGIN.idleMs) {
      house.clock.jump(LOGIN.idleMs / 2)
      await house.clock.advance(60_000)
      await house.sweep()
    }
    expect(client.ended).toBeUndefined()
    house.clock.jump(end - house.clock.now())
    await house.sweep()
    expect(await client.end()).toMatchObject({ code: 4004 })
    house.usage.stop()
  })

  test('and with its credential as a machine does (4501)', async () => {
    const house = await openHouse()
    const { login, tabs, other } = await connections(house)
    await house.store.revokeCredential(login.credential.id)
    for (const tab of [...tabs, other]) expect(await tab.end()).toMatchObject({ code: 4501 })
  })
})
