import { describe, expect, test } from 'vitest'
import { type BusError, METHODS, type MethodName, ROLES, type Role } from '../../src/protocol/index.ts'
import { settle } from '../support/fake-clock.ts'
import { INFO, type TestClient } from './support/client.ts'
import { type House, openHouse, spec } from './support/house.ts'

const NAMES = Object.keys(METHODS) as MethodName[]

const READS = [
  'get',
  'list',
  'logs',
  'logs.search',
  'agents',
  'explain',
  'queue.info',
  'subscribe',
  'unsubscribe',
] as const
const ACTS = [
  'submit',
  'cancel',
  'requeue',
  'agent.set',
  'agent.remove',
  'server.drain',
  'queue.pause',
  'queue.resume',
] as const
const LETS_IN = ['token.create', 'token.list', 'token.rotate', 'token.revoke', 'audit'] as const
const WORKS = ['register', 'unregister', 'health', 'next', 'decline', 'init', 'update', 'extend', 'done'] as const

const ANY = ['version', 'whoami', 'echo'] as const

const COMES_IN = ['login.code'] as const

/** Written out, not derived: what the table of methods says of itself proves nothing. */
const ALLOWED: Record<Role, readonly MethodName[]> = {
  viewer: [...ANY, ...READS, ...COMES_IN],
  operator: [...ANY, ...READS, ...COMES_IN, ...ACTS],
  admin: [...ANY, ...READS, ...COMES_IN, ...ACTS, ...LETS_IN],
  agent: [...ANY, ...WORKS],
  enrolment: ['enrol'],
}

async function enter(house: House, role: Role): Promise<TestClient> {
  const client = house.connect(await house.credential(role))
  client.hello(role === 'agent' ? { agent: INFO } : {})
  await client.frame('welcome')
  return client
}

/** The code of the error that a call is answered with; undefined for a result. */
function codeOf(client: TestClient, method: string, params: unknown = PARAMS[method as MethodName] ?? {}) {
  return client.channel.call(method as 'version', params as Record<string, never>).then(
    () => undefined,
    (error: BusError) => error.code,
  )
}

/** What each method takes at least; the ids name nothing. */
const STATE = { started: 1, finished: 0, error: '', canceled: false }
const STEP = { stepId: 's', state: 'running', started: 1, finished: null, exitCode: null, error: '' }
const PARAMS: Partial<Record<MethodName, object>> = {
  register: { agent: INFO },
  echo: { text: '' },
  decline: { lease: 'none', reason: '' },
  init: { lease: 'none', state: STATE },
  update: { lease: 'none', seq: 1, step: STEP },
  extend: { leases: [] },
  done: { lease: 'none', state: STATE, steps: [] },
  submit: { workflows: [spec()], secrets: {} },
  cancel: { ids: ['none'], reason: '' },
  requeue: { id: 'none' },
  get: { id: 'none' },
  logs: { id: 'none' },
  'logs.search': { id: 'none', stepId: 'none', text: 'a' },
  explain: { id: 'none' },
  'agent.set': { id: 'none' },
  'agent.remove': { id: 'none' },
  'token.create': { role: 'viewer' },
  'token.rotate': { id: 'none' },
  'token.revoke': { id: 'none' },
  enrol: { token: `drl_${'x'.repeat(43)}`, name: 'anvil' },
  subscribe: { subscription: 's', topic: 'agents' },
  unsubscribe: { subscription: 's' },
}

describe('what a credential may call', () => {
  for (const role of ROLES) {
    test(`${role}: all that is its own, and nothing else`, async () => {
      const house = await openHouse()
      const client = await enter(house, role)
      for (const method of NAMES) {
        if (method === 'next' && role === 'agent') continue
        const code = await codeOf(client, method)
        if (ALLOWED[role].includes(method)) expect(code, `${role} ${method}`).not.toBe('forbidden')
        else expect(code, `${role} ${method}`).toBe('forbidden')
      }
    })
  }

  test('is written down for every method', () => {
    expect([...new Set(Object.values(ALLOWED).flat())].sort()).toEqual([...NAMES].sort())
  })

  test('is no method that is not in the table, however it is called', async () => {
    const house = await openHouse()
    const client = await enter(house, 'admin')
    const names = ['constructor', '__proto__', 'toString', 'then', 'hasOwnProperty', 'x'.repeat(60)]
    for (const [at, method] of names.entries()) client.raw({ type: 'request', id: at + 1, method, params: {} })
    await settle()
    const answers = client.server.sent.join('')
    expect(answers.match(/"unknown_method"/g)).toHaveLength(names.length)
  })
})

describe('an unknown id', () => {
  for (const method of [
    'get',
    'logs',
    'logs.search',
    'explain',
    'requeue',
    'agent.set',
    'agent.remove',
    'token.rotate',
    'token.revoke',
  ] as const) {
    test(`is not_found to ${method}`, async () => {
      const house = await openHouse()
      expect(await codeOf(await enter(house, 'admin'), method)).toBe('not_found')
    })
  }
})
