import { describe, expect, test } from 'vitest'
import { INFO } from '../support/client.ts'
import { many, openFront, YAML } from './front.ts'

describe('submitting', () => {
  test('takes a workflow file as it is and names what it made', async () => {
    const front = await openFront()
    const operator = await front.as('operator')
    const response = await operator.fetch('POST', '/api/workflows?name=nightly.yaml', {
      body: YAML.replace('name: build\n', ''),
    })
    expect(response.status).toBe(201)
    const { workflows } = (await response.json()) as { workflows: { id: string; name: string }[] }
    expect(workflows).toEqual([{ id: expect.any(String), name: 'nightly' }])
    expect(await front.house.show(workflows[0]?.id ?? '')).toMatchObject({
      state: 'pending',
      labels: { pool: 'linux' },
    })
  })

  test('takes several files as JSON, with secrets, environment and labels', async () => {
    const front = await openFront()
    const files = [
      { name: 'a.yaml', text: `secrets: [KEY]\n${YAML}` },
      { name: 'b.yaml', text: YAML.replace('build', 'deploy').replace('steps', 'depends_on: build\nsteps') },
    ]
    const submission = { files, secrets: { KEY: 'hush' }, environment: { VERSION: '1' }, labels: { pool: 'arm' } }
    const agent = front.house.connect(await front.house.credential('agent'))
    await agent.arrive({ agent: { ...INFO, labels: { pool: 'arm' } } })
    const next = agent.call('next', {})
    const headers = { 'content-type': 'application/json' }
    await (await front.as('operator')).json('POST', '/api/workflows', { body: JSON.stringify(submission), headers })
    const offer = await next
    expect(offer?.workflow).toMatchObject({ name: 'build', environment: { VERSION: '1' }, labels: { pool: 'arm' } })
    const state = { started: 1, finished: 0, error: '', canceled: false }
    expect(await agent.call('init', { lease: offer?.lease ?? '', state })).toEqual({ secrets: { KEY: 'hush' } })
  })

  test('tells every mistake in a file at its place, and adds nothing', async () => {
    const front = await openFront()
    const operator = await front.as('operator')
    const refused = await operator.refused('POST', '/api/workflows?name=ci.yaml', { body: 'steps:\n  - comands: x\n' })
    expect(refused).toMatchObject({ status: 400, code: 'bad_request' })
    expect(refused.details).toContainEqual({ file: 'ci.yaml', line: 2, column: 5, message: expect.any(String) })
    const unknown = await operator.refused('POST', '/api/workflows', { body: `depends_on: ghost\n${YAML}` })
    expect(unknown).toMatchObject({ status: 400, details: [{ line: 1, message: expect.stringContaining('ghost') }] })
    expect(await operator.json('GET', '/api/workflows')).toEqual({ workflows: [], next: null })
  })

  test('only checks files when asked to: says what would be added, or what is wrong, and adds nothing', async () => {
    const front = await openFront()
    const operator = await front.as('operator')
    const checked = await operator.json('POST', '/api/workflows/check', { body: `secrets: [KEY]\n${YAML}` })
    expect(checked).toEqual({ workflows: [{ name: 'build', steps: [expect.any(String)], secrets: ['KEY'] }] })
    const refused = await operator.refused('POST', '/api/workflows/check', { body: 'steps:\n  - comands: x\n' })
    expect(refused.details).toContainEqual({ file: 'workflow.yaml', line: 2, column: 5, message: expect.any(String) })
    const unknown = await operator.refused('POST', '/api/workflows/check', { body: `depends_on: ghost\n${YAML}` })
    expect(unknown).toMatchObject({ status: 400, details: [{ line: 1, message: expect.stringContaining('ghost') }] })
    const viewer = await (await front.as('viewer')).refused('POST', '/api/workflows/check', { body: YAML })
    expect(viewer.status).toBe(403)
    expect(await operator.json('GET', '/api/workflows')).toEqual({ workflows: [], next: null })
  })

  test('twice with one key adds once; the key for something else is a conflict', async () => {
    const front = await openFront()
    const operator = await front.as('operator')
    const headers = { 'idempotency-key': 'push-17' }
    const first = await operator.json('POST', '/api/workflows', { body: YAML, headers })
    expect(await operator.json('POST', '/api/workflows', { body: YAML, headers })).toEqual(first)
    const other = await operator.refused('POST', '/api/workflows', { body: YAML.replace('make', 'rake'), headers })
    expect(other).toMatchObject({ status: 409, code: 'conflict' })
    expect((await operator.json<{ workflows: [] }>('GET', '/api/workflows')).workflows).toHaveLength(1)
  })

  test.each([
    ['no body', '', {}, 400],
    ['no YAML', '\u0000', {}, 400],
    ['JSON cut short', '{"files":', { 'content-type': 'application/json' }, 400],
    ['JSON of another shape', '{"file":1}', { 'content-type': 'application/json' }, 400],
    ['a forbidden key', '{"__proto__":{},"files":[]}', { 'content-type': 'application/json' }, 400],
    ['deep JSON', '['.repeat(50_000), { 'content-type': 'application/json' }, 400],
    ['a form', '--x', { 'content-type': 'multipart/form-data; boundary=x' }, 400],
    ['a large file', `#${'x'.repeat(1024 * 1024)}`, {}, 413],
    ['a large body', 'x'.repeat(5 * 1024 * 1024), { 'content-type': 'application/json' }, 413],
    ['a key that is too long', YAML, { 'idempotency-key': 'k'.repeat(65) }, 400],
  ])('refuses %s', async (_, body, headers, status) => {
    const front = await openFront()
    const refused = await (await front.as('operator')).refused('POST', '/api/workflows', { body, headers })
    expect(refused.status).toBe(status)
    expect(refused.message.length).toBeLessThan(300)
  })

  test('refuses what would not fit on the bus, however short the file', async () => {
    const front = await openFront()
    const steps = many(20).map((at) => `  - name: s${at}\n    commands: ${'x'.repeat(2000)}\n`)
    const text = `matrix:\n  A: [${many(20).join(', ')}]\nsteps:\n${steps.join('')}`
    const refused = await (await front.as('operator')).refused('POST', '/api/workflows', { body: text })
    expect(refused).toMatchObject({ status: 413, code: 'too_large' })
  })
})
