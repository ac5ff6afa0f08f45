import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sharedStage } from '../support/shared-stage.ts'
import { waitUntil } from '../support/wait-until.ts'

const one = (name: string, command: string, more = '') =>
  `name: ${name}\n${more}steps:\n  - name: only\n    commands: ${command}\n`

describe('the queue', { timeout: 30_000 }, () => {
  const stage = sharedStage(async (it) => {
    await it.serve()
    await it.agent({ name: 'fast', labels: { pool: 'fast' }, capacity: 1 })
    await it.agent({ name: 'heavy', labels: { pool: 'heavy' }, capacity: 2 })
  })
  const submitAll = async (...texts: string[]) => {
    const files = texts.map((text, at) => stage().write(`queued-${at}.yaml`, text))
    const { workflows } = (await stage().json('submit', ...files)) as { workflows: { id: string }[] }
    return workflows.map(({ id }) => id)
  }
  const outcomes = (ids: string[]) =>
    Promise.all(
      ids.map((id) =>
        stage()
          .watch.ended(id)
          .then(({ name, state }) => [name, state]),
      ),
    )

  test('runs parents first, and what depends on them by their outcomes', async () => {
    const ids = await submitAll(
      one('after both', 'echo', 'depends_on: [good, bad]\nruns_on: [success, failure]\n'),
      one('after good', 'echo', 'depends_on: good\n'),
      one('after bad', 'echo', 'depends_on: bad\n'),
      one('mourner', 'echo', 'depends_on: bad\nruns_on: failure\n'),
      one('after skipped', 'echo', 'depends_on: after bad\n'),
      one('only bad days', 'echo', 'depends_on: good\nruns_on: failure\n'),
      one('good', 'echo'),
      one('bad', 'exit 1'),
    )
    expect(Object.fromEntries(await outcomes(ids))).toEqual({
      good: 'success',
      bad: 'failure',
      'after both': 'success',
      'after good': 'success',
      'after bad': 'skipped',
      mourner: 'success',
      'after skipped': 'skipped',
      'only bad days': 'skipped',
    })
  })

  test('gives work to an agent whose labels suit, and to no other', async () => {
    const ids = await submitAll(
      ...['fast', 'heavy', 'heavy'].map((pool) => one(`for ${pool}`, 'echo', `labels:\n  pool: ${pool}\n`)),
      one('for nobody', 'echo', 'labels:\n  pool: nobody\n'),
    )
    const nobody = ids.pop() ?? ''
    const ended = await Promise.all(ids.map((id) => stage().watch.ended(id)))
    expect(ended.map(({ agent }) => agent)).toEqual(['fast', 'heavy', 'heavy'])
    expect(await stage().watch.get(nobody)).toMatchObject({ state: 'pending', agent: null })
    await stage().run(['cancel', nobody])
  })

  test('takes the higher priority first, then the older', async () => {
    const [order, gate] = [stage().path('order'), stage().path('gate')]
    const fast = 'labels:\n  pool: fast\n'
    const [blocker = ''] = await submitAll(one('blocker', `until [ -e ${gate} ]; do sleep 0.05; done`, fast))
    await stage().watch.until(blocker, ({ state }) => state === 'running')
    const entry = (name: string, priority: number) =>
      one(name, `echo ${name} >> ${order}`, `${fast}priority: ${priority}\n`)
    const ids = await submitAll(entry('low', -5), entry('older', 0), entry('younger', 0), entry('high', 5))
    writeFileSync(gate, '')
    await outcomes(ids)
    expect(readFileSync(order, 'utf8').trim().split('\n')).toEqual(['high', 'older', 'younger', 'low'])
  })

  test('hands nothing out while it is paused, and goes on at once when resumed', async () => {
    const operator = await stage().operator()
    await operator.call('queue.pause', {})
    const [id = ''] = await submitAll(one('paused', 'echo'))
    // A server that is asked several times and still says so has had its chance to hand it out.
    for (let round = 0; round < 20; round++) {
      expect(await operator.call('queue.info', {})).toMatchObject({ paused: true, pending: 1, running: 0 })
    }
    expect((await operator.call('explain', { id })).reasons.map(({ code }) => code)).toContain('paused')
    await operator.call('queue.resume', {})
    expect(await stage().watch.ended(id)).toMatchObject({ state: 'success' })
    expect(await operator.call('queue.info', {})).toMatchObject({ paused: false, pending: 0 })
  })

  test('refuses a circle and an unknown dependency, and takes nothing of that submit', async () => {
    const files = [
      stage().write('a.yaml', one('a', 'echo', 'depends_on: b\n')),
      stage().write('b.yaml', one('b', 'echo', 'depends_on: a\n')),
      stage().write('c.yaml', one('c', 'echo', 'depends_on: nobody\n')),
      stage().write('d.yaml', one('d', 'echo')),
    ]
    const [a = '', b = '', c = '', d = ''] = files
    const before = await stage().json('list')
    const circle = await stage().run(['submit', a, b, d])
    expect(circle.code).toBe(2)
    expect(circle.stderr).toMatch(/[ab]\.yaml:2:\d+/)
    const unknown = await stage().run(['submit', c, d])
    expect(unknown.code).toBe(2)
    expect(unknown.stderr).toMatch(/c\.yaml:2:\d+.*nobody/)
    expect(await stage().json('list')).toEqual(before)
  })

  test('runs one at a time of a concurrency group, in order of creation', async () => {
    const order = stage().path('group')
    const grouped = (name: string) =>
      one(name, `echo +${name} >> ${order}; sleep 0.1; echo -${name} >> ${order}`, 'concurrency:\n  group: one\n')
    await outcomes(await submitAll(grouped('a'), grouped('b'), grouped('c')))
    expect(readFileSync(order, 'utf8').trim().split('\n')).toEqual(['+a', '-a', '+b', '-b', '+c', '-c'])
  })

  test('keeps what is queued, and outcomes of dependencies, over a restart of the server', async () => {
    const [bad = ''] = await submitAll(one('bad', 'exit 1'))
    await stage().watch.ended(bad)
    const operator = await stage().operator()
    await operator.call('queue.pause', {})
    const [waits = '', pending = ''] = await submitAll(
      one('mourner', 'echo', `depends_on: ${bad}\nruns_on: failure\n`),
      one('kept', 'echo'),
    )
    await stage().server.process.kill()
    await stage().serve()
    const again = await waitUntil(() => stage().operator())
    await again.call('queue.resume', {})
    expect(await outcomes([waits, pending])).toEqual([
      ['mourner', 'success'],
      ['kept', 'success'],
    ])
  })
})
