import { expect, test } from 'vitest'
import { settle } from '../support/fake-clock.ts'
import { offer } from './offers.ts'
import { running } from './stage.ts'

test('an agent to which the server says goodbye has ended well', async () => {
  const { server, agent, clock, lines } = await running(async () => {})
  server.last.channel.close(1000, 'drained: it has finished')
  await agent.finished
  expect(agent.peer.state).toBe('stopped')
  expect(lines.at(-1)).toMatchObject({ level: 'info', fields: { reason: 'drained: it has finished' } })
  expect(clock.pending).toBe(0)
})

test('an agent that leaves while the server is away says what it still waits for', async () => {
  let end = () => {}
  const { server, agent, clock, lines } = await running(
    () =>
      new Promise<void>((resolve) => {
        end = resolve
      }),
  )
  const said = () => lines.filter(({ text }) => text.includes('waiting until the server')).length
  server.offer(offer('l1'))
  await settle()
  server.greets = false
  server.last.cut()
  const left = agent.drain()
  await clock.advance(10_000)
  expect(said()).toBe(0)
  end()
  await clock.advance(10_000)
  expect(said()).toBe(1)
  server.greets = true
  await clock.advance(60_000)
  await left
  expect(said()).toBe(1)
  expect(clock.pending).toBe(0)
})
