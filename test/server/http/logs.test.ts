import { describe, expect, test } from 'vitest'
import { Page } from '../../support/page.ts'
import { begin } from './work.ts'

describe('the log of a workflow', () => {
  test('is the text of the lines and nothing else, of one step or with the commands if asked', async () => {
    const { work, viewer } = await begin()
    await work.write(
      's1',
      1,
      ['command', '+ make'],
      ['out', 'hello'],
      ['out+', 'a long '],
      ['err', 'oops'],
      ['out', 'line'],
    )
    await work.write('s2', 1, ['out', 'tested ü'])
    await work.done({ s1: 5, s2: 1 })
    const text = async (query: string) => (await viewer.fetch('GET', `${work.logs}${query}`)).text()
    expect(await text('')).toBe('hello\noops\na long line\ntested ü\n')
    expect(await text('?step=test')).toBe('tested ü\n')
    expect(await text('?step=s1&commands=1')).toBe('+ make\nhello\noops\na long line\n')
    expect(await text('?attempt=1&follow=1')).toBe('hello\noops\na long line\ntested ü\n')
    const response = await viewer.fetch('GET', work.logs)
    expect(response.headers.get('drumline-logs')).toBe('complete')
    expect(response.headers.get('drumline-attempt')).toBe('1')
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    await response.text()
  })

  test('is a row a line where that is accepted, as the command line prints them', async () => {
    const { work, viewer } = await begin()
    await work.start('s1')
    await work.write('s1', 1, ['command', '+ make'], ['out', 'hello'], ['err', 'oops'])
    const headers = { accept: 'application/x-ndjson' }
    const rows = (await (await viewer.fetch('GET', work.logs, { headers })).text()).trim().split('\n')
    expect(rows.map((row) => JSON.parse(row))).toEqual([
      { step: 'build', line: 2, time: 1001, kind: 'out', text: 'hello' },
      { step: 'build', line: 3, time: 1002, kind: 'err', text: 'oops' },
    ])
  })

  test('has a mark in place of lines that are missing, and one at the end for those that never came', async () => {
    const { front, work, viewer } = await begin()
    await work.write('s1', 1, ['out', 'one'])
    await work.gap('s1', 2, 7, 'the spool\nwas full')
    await work.write('s1', 8, ['out', 'eight'])
    await work.done({ s1: 10, s2: 0 })
    await front.house.clock.advance(2 * 3_600_000)
    await front.house.sweep()
    const response = await viewer.fetch('GET', work.logs)
    expect(response.headers.get('drumline-logs')).toBe('incomplete')
    expect(await response.text()).toBe(
      'one\n[drumline: lines 2 to 7 of build are missing: the spool was full]\neight\n' +
        '[drumline: lines 9 to 10 of build are missing: its agent never sent them]\n',
    )
    const headers = { accept: 'application/x-ndjson' }
    const rows = (await (await viewer.fetch('GET', work.logs, { headers })).text()).trim().split('\n')
    expect(rows.map((row) => JSON.parse(row)).filter(({ kind }) => kind === 'gap')).toMatchObject([
      { step: 'build', line: 2, to: 7, time: null },
      { step: 'build', line: 9, to: 10, time: null },
    ])
  })

  test('is a file to save for a page that is logged in, by a plain link', async () => {
    const { front, work } = await begin()
    await work.write('s1', 1, ['out', 'hello'])
    await work.write('s2', 1, ['out', 'tested'])
    await front.as('viewer')
    const page = new Page(front.url)
    await page.json('POST', '/api/login', { token: 'token-of-viewer' })
    const saved = await page.fetch(`${front.url}${work.logs}?step=test&attempt=1&download=1`)
    expect([saved.status, await saved.text()]).toEqual([200, 'tested\n'])
    const { name } = await front.house.store.get(work.id).then((detail) => detail ?? { name: '' })
    const file = `${name}-test-${work.id}.log`
    expect(saved.headers.get('content-disposition')).toBe(`attachment; filename="${file}"; filename*=UTF-8''${file}`)
    expect((await page.fetch(`${front.url}${work.logs}`)).headers.get('content-disposition')).toBeNull()
  })

  test('that is not there is not found, before a byte of it', async () => {
    const { work, viewer } = await begin()
    expect(await viewer.refused('GET', `${work.logs}?attempt=2`)).toMatchObject({ status: 404 })
    expect(await viewer.refused('GET', `${work.logs}?step=deploy`)).toMatchObject({ status: 404, code: 'not_found' })
    expect(await viewer.refused('GET', '/api/workflows/none/logs?follow=1')).toMatchObject({ status: 404 })
  })
})
