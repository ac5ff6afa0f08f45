import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LOGIN } from '../../../../src/protocol/index.ts'
import { codeOf, type OpenStore, World } from './world.ts'

const MINUTE = 60_000

/** How pages come in. */
export function logins(open: OpenStore): void {
  let world: World
  let credentialId: string
  beforeEach(async () => {
    world = await World.open(open)
    credentialId = (await world.store.createCredential({ role: 'viewer', name: 'v', labels: {}, tokenHash: 't' })).id
  })
  afterEach(() => world.close())

  const logIn = (cookie: string, before?: string) =>
    world.store.logIn({ proof: { token: 't' }, cookie, before, address: '' })
  const idOf = async (cookie: string) => (await logIn(cookie))?.id ?? ''
  const ended = () => world.changes.flatMap((change) => (change.kind === 'login' ? [change.id] : []))

  describe('a login', () => {
    test('is its credential’s, and found by its cookie, also after a restart', async () => {
      const login = await logIn('c')
      expect(login?.credential).toEqual({ id: credentialId, role: 'viewer', name: 'v', labels: {}, token: null })
      await world.reopen()
      expect(await world.store.findLogin('c')).toEqual(login)
      expect(await world.store.findLogin('other')).toBeNull()
    })

    test('wants a token that is known, and not an agent’s', async () => {
      await world.store.createCredential({ role: 'agent', name: 'a', labels: {}, tokenHash: 'a' })
      for (const token of ['wrong', 'a']) {
        expect(await world.store.logIn({ proof: { token }, cookie: 'c', before: undefined, address: '' })).toBeNull()
      }
      expect(await world.store.findLogin('c')).toBeNull()
    })

    test('ends twelve hours after it was last used, and is told', async () => {
      const id = await idOf('c')
      await world.clock.advance(LOGIN.idleMs - MINUTE)
      expect(await world.store.findLogin('c')).toMatchObject({ expires: world.clock.now() + LOGIN.idleMs })
      await world.clock.advance(LOGIN.idleMs - 1)
      await world.store.sweep()
      expect(ended()).toEqual([])
      await world.clock.advance(1)
      expect(await world.store.findLogin('c')).toBeNull()
      await world.store.sweep()
      expect(ended()).toEqual([id])
    })

    test('ends after seven days, however much it is used by a page that is connected', async () => {
      const login = await logIn('c')
      const end = (login?.created ?? 0) + LOGIN.maxMs
      while (world.clock.now() < end - LOGIN.idleMs / 2) {
        await world.clock.advance(LOGIN.idleMs / 2)
        await world.store.useLogins([login?.id ?? '', 'nothing'])
      }
      expect(await world.store.findLogin('c')).toMatchObject({ expires: end })
      await world.clock.advance(end - world.clock.now())
      await world.store.useLogins([login?.id ?? ''])
      expect(await world.store.findLogin('c')).toBeNull()
    })

    test('ends by a logout, once', async () => {
      const id = await idOf('c')
      await world.store.logOut(id)
      await world.store.logOut(id)
      expect(await world.store.findLogin('c')).toBeNull()
      expect(ended()).toEqual([id])
    })

    test('takes the place of the one that the page had, and of no other', async () => {
      const [first, second] = [await idOf('c1'), await idOf('c2')]
      await logIn('c3', 'c1')
      expect(ended()).toEqual([first])
      expect((await world.store.findLogin('c2'))?.id).toBe(second)
    })

    test('ends with its credential, and so do its codes', async () => {
      await logIn('c')
      await world.store.issueCode(credentialId, 'code')
      await world.store.revokeCredential(credentialId)
      expect(await world.store.findLogin('c')).toBeNull()
      expect(
        await world.store.logIn({ proof: { code: 'code' }, cookie: 'd', before: undefined, address: '' }),
      ).toBeNull()
    })

    test('ends with the last token of its credential, not when that is replaced', async () => {
      await logIn('c')
      await world.store.issueCode(credentialId, 'code')
      const { overlap } = await world.store.rotateToken(credentialId, {
        tokenHash: 'u',
        overlapMs: 0,
        expiresMs: MINUTE,
      })
      expect(overlap.getTime()).toBe(world.clock.now())
      await world.store.sweep()
      expect(await world.store.findLogin('c')).not.toBeNull()
      await world.clock.advance(MINUTE)
      expect(await world.store.findLogin('c')).toBeNull()
      expect(
        await world.store.logIn({ proof: { code: 'code' }, cookie: 'd', before: undefined, address: '' }),
      ).toBeNull()
      await world.store.sweep()
      await world.store.rotateToken(credentialId, { tokenHash: 'w', overlapMs: 0 })
      expect(await world.store.findLogin('c')).toBeNull()
    })

    test('too many of one credential end the one that was not used for longest', async () => {
      const first = await idOf('c0')
      await world.clock.advance(MINUTE)
      const second = await idOf('c1')
      await world.clock.advance(MINUTE)
      await world.store.findLogin('c0')
      for (let at = 2; at <= LOGIN.perCredential; at++) await logIn(`c${at}`)
      expect(ended()).toEqual([second])
      expect((await world.store.findLogin('c0'))?.id).toBe(first)
    })
  })

  describe('a code', () => {
    const use = (code: string, cookie = 'c') =>
      world.store.logIn({ proof: { code }, cookie, before: undefined, address: '' })

    test('logs its credential in once', async () => {
      const { expires } = await world.store.issueCode(credentialId, 'code')
      expect(expires).toBe(world.clock.now() + LOGIN.codeMs)
      expect((await use('code'))?.credential.id).toBe(credentialId)
      expect(await use('code', 'again')).toBeNull()
      expect(await use('never')).toBeNull()
    })

    test('lapses after ten minutes', async () => {
      await world.store.issueCode(credentialId, 'late')
      await world.clock.advance(LOGIN.codeMs)
      expect(await use('late')).toBeNull()
    })

    test('is no token, and a token is no code', async () => {
      await world.store.issueCode(credentialId, 'code')
      expect(
        await world.store.logIn({ proof: { token: 'code' }, cookie: 'c', before: undefined, address: '' }),
      ).toBeNull()
      expect(await use('t')).toBeNull()
    })

    test('beyond the most of one credential ends the oldest', async () => {
      for (let at = 0; at <= LOGIN.codes; at++) {
        await world.store.issueCode(credentialId, `code${at}`)
        await world.clock.advance(1)
      }
      expect(await use('code0')).toBeNull()
      expect(await use('code1')).not.toBeNull()
    })
  })

  describe('a ticket', () => {
    test('is good once, for its own login only', async () => {
      const [mine, other] = [await idOf('c1'), await idOf('c2')]
      await world.store.issueTicket(mine, 'ticket')
      expect(await world.store.takeTicket(other, 'ticket')).toBe(false)
      expect(await world.store.takeTicket(mine, 'ticket')).toBe(true)
      expect(await world.store.takeTicket(mine, 'ticket')).toBe(false)
    })

    test('is good for thirty seconds, over a restart as well', async () => {
      const id = await idOf('c')
      await world.store.issueTicket(id, 'soon')
      await world.store.issueTicket(id, 'late')
      await world.clock.advance(LOGIN.ticketMs - 1)
      await world.reopen()
      expect(await world.store.takeTicket(id, 'soon')).toBe(true)
      await world.clock.advance(1)
      expect(await world.store.takeTicket(id, 'late')).toBe(false)
    })

    test('goes with its login, which gives no more', async () => {
      const id = await idOf('c')
      await world.store.issueTicket(id, 'ticket')
      await world.store.logOut(id)
      expect(await world.store.takeTicket(id, 'ticket')).toBe(false)
      expect(await codeOf(world.store.issueTicket(id, 'more'))).toBe('forbidden')
    })

    test('beyond the most of one login ends the oldest', async () => {
      const id = await idOf('c')
      for (let at = 0; at <= LOGIN.tickets; at++) {
        await world.store.issueTicket(id, `ticket${at}`)
        await world.clock.advance(1)
      }
      expect(await world.store.takeTicket(id, 'ticket0')).toBe(false)
      expect(await world.store.takeTicket(id, 'ticket1')).toBe(true)
    })
  })
}
