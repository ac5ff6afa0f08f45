import { expect, test } from 'vitest'

import { CANCELED, ENDED, type Given, INFO } from './bench.ts'

/** What the contract says of the agent itself: registration, health, leaving. */
export function registering(given: Given): void {
  test('version names the protocol and the server', async () => {
    const peer = await given().peer()
    expect(await peer.version()).toEqual({ protocol: 1, server: expect.stringMatching(/^\d+\.\d+/) })
    await expect(peer.version({ signal: AbortSignal.abort() })).rejects.toMatchObject(CANCELED)
  })

  test('registerAgent announces other labels and answers the id', async () => {
    const peer = await given().peer()
    const id = await peer.registerAgent({ ...INFO, capacity: 2, labels: { disk: 'ssd' } })
    const { agents } = await given().operator.call('agents', {})
    expect(agents).toMatchObject([{ id, name: 'anvil', state: 'online', capacity: 2 }])
    expect(agents[0]?.labels).toMatchObject({ disk: 'ssd' })
    const next = peer.next()
    await given().submit({ labels: { disk: 'ssd' } })
    expect(await next).not.toBeNull()
  })

  test('unregisterAgent ends the offers; what runs may finish', async () => {
    const peer = await given().peer()
    const offer = await given().running(peer)
    await peer.unregisterAgent()
    const next = peer.next({}, { signal: AbortSignal.timeout(300) })
    await given().submit({ name: 'later' })
    expect(await next).toBeNull()
    await peer.done(offer, ENDED)
    expect((await given().show(offer.workflowId)).finished).not.toBeNull()
  })

  test('reportHealth notes the contact', async () => {
    const peer = await given().peer()
    await peer.reportHealth()
    const { agents } = await given().operator.call('agents', {})
    expect(agents[0]?.lastSeen?.getTime()).toBeGreaterThan(Date.now() - 10_000)
  })

  test('a closed peer rejects what waits and what comes later', async () => {
    const peer = await given().peer()
    const next = expect(peer.next()).rejects.toMatchObject({ code: 'unavailable' })
    await peer.close()
    await next
    await expect(peer.version()).rejects.toMatchObject({ code: 'unavailable' })
    await expect(peer.next()).rejects.toMatchObject({ code: 'unavailable' })
  })
}
