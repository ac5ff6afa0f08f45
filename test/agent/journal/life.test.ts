import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { connect } from '../../../src/agent/index.ts'
import type { Offer } from '../../../src/protocol/index.ts'
import { settle } from '../../support/fake-clock.ts'
import { BEGUN, ENDED, offer } from '../offers.ts'
import { type Stage, stage } from '../stage.ts'
import { folder, opened } from './folder.ts'
import { begin, entries, live } from './life.ts'

describe('an agent with a journal', () => {
  test('has the lease on disk when it says init, and the result when it says done', async () => {
    const life = await live(folder())
    const seen: string[][] = []
    for (const method of ['init', 'done'] as const) {
      life.server.on(method, () => {
        seen.push(entries(life))
        return method === 'init' ? { secrets: {} } : {}
      })
    }
    const work = await begin(life, offer('l1'))
    await life.peer.done(work, ENDED)
    expect(seen[0]).toContain('lease')
    expect(seen[0]).not.toContain('result')
    expect(seen[1]).toContain('result')
    expect(entries(life).at(-1)).toBe('gone')
  })

  test('keeps neither commands nor variables nor secrets in it', async () => {
    const life = await live(folder())
    life.server.on('init', () => ({ secrets: { TOKEN: 'hush-hush' } }))
    const work = offer('l1', { workflow: { environment: { A: 'quite private' } } })
    work.workflow.steps[0]?.commands.push('make all')
    await begin(life, work)
    life.peer.enqueueLog(work, { stepId: 'build', kind: 'out', text: 'it is hush-hush\n' })
    await life.peer.done(work, { ...ENDED, error: 'said hush-hush' })
    await life.journal.close()
    const files = ['journal', 'lines'].map((name) => readFileSync(join(life.directory, name), 'latin1')).join()
    expect(files).not.toMatch(/hush-hush|quite private|make all/)
  })

  test('says that it comes back as itself, and one without does not', async () => {
    const life = await live(folder())
    expect(life.server.last.hello?.agent?.durable).toBe(true)
    const { server, options } = stage()
    connect(options)
    await settle()
    expect(server.last.hello?.agent?.durable).toBeUndefined()
  })

  test('has a name of its own that stays', async () => {
    const [first, other] = [await live(folder(), unnamed), await live(folder(), unnamed)]
    await first.peer.close()
    await first.journal.close()
    const second = await live(first.directory, unnamed)
    expect(second.peer.info.name).toBe(first.peer.info.name)
    expect(other.peer.info.name).not.toBe(first.peer.info.name)
  })

  test('refuses a second connection over it, and a second process over its folder', async () => {
    const life = await live(folder())
    expect(() => connect({ ...life.options, journal: life.journal })).toThrow(TypeError)
    await expect(opened(life.directory)).rejects.toMatchObject({
      name: 'JournalError',
      message: expect.stringContaining(`in use by process ${process.pid}`),
    })
  })

  test('gives an offer back that it cannot note', async () => {
    const life = await live(folder())
    Object.assign(life.journal, { lease: () => Promise.reject(new Error('no space left')) })
    life.server.offer(offer('l1'))
    const work = await life.peer.next()
    await expect(life.peer.init(work as Offer, BEGUN)).rejects.toThrow('no space left')
    expect(life.server.callsOf('init')).toEqual([])
    expect(life.server.callsOf('decline')).toMatchObject([{ params: { lease: 'l1' } }])
  })

  test('tells a result that it cannot note', async () => {
    const life = await live(folder())
    const work = await begin(life, offer('l1'))
    Object.assign(life.journal, { result: () => Promise.reject(new Error('no space left')) })
    await life.peer.done(work, ENDED)
    expect(life.server.callsOf('done')).toHaveLength(1)
    expect(life.lines.some(({ level, text }) => level === 'error' && text.includes('not in the journal'))).toBe(true)
  })
})

function unnamed(on: Stage): void {
  on.options.agent = {}
}
