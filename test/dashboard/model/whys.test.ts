import { describe, expect, test } from 'vitest'
import type { Bus } from '../../../src/dashboard/model/bus.ts'
import { Whys } from '../../../src/dashboard/model/whys.ts'
import { step, workflow } from '../../client/views.ts'
import { waitUntil } from '../../support/wait-until.ts'

const failed = (id: string, changes = {}) => workflow({ id, state: 'failure', ...changes })

function asking(steps = [step('s1')]) {
  const asked: string[] = []
  const call = (async (_method: string, { id }: { id: string }) => {
    asked.push(id)
    if (id === 'gone') throw new Error('no such workflow')
    return workflow({ id, steps })
  }) as unknown as Bus['call']
  return { asked, whys: new Whys({ call }) }
}

const known = (whys: Whys, id: string) => waitUntil(() => whys.of(failed(id)) !== '', { what: `why ${id} failed` })

describe('why a workflow did not succeed', () => {
  test('is what it says itself, and nobody is asked', () => {
    const { asked, whys } = asking()
    const timedOut = failed('w1', { error: 'timed out after 2s' })
    const receipts = { received: null, stopping: null, stopped: null }
    const canceled = workflow({
      state: 'canceled',
      cancel: { revision: 1, reason: 'superseded', requested: new Date(1), ...receipts },
    })
    for (const one of [timedOut, canceled, workflow({ state: 'success' })]) whys.ask(one)
    expect(whys.of(timedOut)).toBe('timed out after 2s')
    expect(whys.of(canceled)).toBe('superseded')
    expect(whys.of(workflow({ state: 'success' }))).toBe('')
    expect(asked).toEqual([])
  })

  test('is the step that failed first, read once', async () => {
    const { asked, whys } = asking([
      step('lint', { state: 'failure', exitCode: 1, finished: new Date(9000) }),
      step('test', { state: 'failure', exitCode: 3, finished: new Date(5000) }),
      step('rest', { state: 'skipped' }),
    ])
    whys.ask(failed('w1'))
    await known(whys, 'w1')
    expect(whys.of(failed('w1'))).toBe('test exited with 3')
    whys.ask(failed('w1'))
    expect(asked).toEqual(['w1'])
  })

  test('is the error of a step that could not even run', async () => {
    const { whys } = asking([step('build', { state: 'failure', error: 'zsh: no such shell' })])
    whys.ask(failed('w1'))
    await known(whys, 'w1')
    expect(whys.of(failed('w1'))).toBe('build: zsh: no such shell')
  })

  test('is asked for one at a time, of those that are still looked at', async () => {
    const { asked, whys } = asking([step('build', { state: 'failure' })])
    whys.ask(failed('gone'))
    const leave = whys.ask(failed('w2'))
    whys.ask(failed('w3'))
    leave?.()
    await known(whys, 'w3')
    expect(asked).toEqual(['gone', 'w3'])
    expect(whys.of(failed('w3'))).toBe('build failed')
  })
})
