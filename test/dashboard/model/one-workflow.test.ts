import { beforeEach, describe, expect, test, vi } from 'vitest'
import { BusError, type Listener } from '../../../src/client/index.ts'
import { OneWorkflow } from '../../../src/dashboard/model/one-workflow.ts'
import { workflow } from '../../client/views.ts'

/** A bus that tells what the test says, and frames that come at once. */
function opened() {
  let listener: Listener = { onData: () => {} }
  let answer: (error?: Error) => void = () => {}
  const closed = vi.fn()
  const subscribing = new Promise<void>((resolve, reject) => {
    answer = (error) => (error === undefined ? resolve() : reject(error))
  })
  const one = new OneWorkflow(
    {
      subscribe: (_, given) => {
        listener = given
        return subscribing.then(() => ({ close: closed }))
      },
    },
    'w1',
  )
  return {
    one,
    closed,
    answer,
    tell: (data: Parameters<NonNullable<Listener['onData']>>[0]) => listener.onData(data),
    end: (error: BusError) => listener.onEnd?.(error),
  }
}

describe('one workflow on a page', () => {
  beforeEach(() => {
    vi.stubGlobal('document', { hidden: false })
    vi.stubGlobal('requestAnimationFrame', (draw: () => void) => draw())
  })

  test('is what was told last, and once deleted stays to be read', () => {
    const { one, tell } = opened()
    expect(one.known.value).toEqual({ state: 'asking' })
    tell({ kind: 'workflow', workflow: workflow({ version: 1 }) })
    tell({ kind: 'workflow', workflow: workflow({ version: 2, state: 'success' }) })
    expect(one.known.value).toMatchObject({ state: 'here', workflow: { version: 2, state: 'success' } })
    tell({ kind: 'removed', id: 'w1', version: 3 })
    expect(one.known.value).toMatchObject({ state: 'removed', workflow: { state: 'success' } })
  })

  test('is unknown where the server does not have it', async () => {
    const { one, answer } = opened()
    answer(new BusError('not_found', 'no workflow w1'))
    await vi.waitFor(() => expect(one.known.value).toEqual({ state: 'unknown' }))
  })

  test('was deleted when it is not found any more', () => {
    const { one, tell, end } = opened()
    tell({ kind: 'workflow', workflow: workflow() })
    end(new BusError('not_found', 'no workflow w1'))
    expect(one.known.value).toMatchObject({ state: 'removed', workflow: { id: 'w1' } })
  })

  test('says why nothing more is told', () => {
    const { one, end } = opened()
    end(new BusError('forbidden', 'the login has ended'))
    expect(one.known.value).toEqual({ state: 'broken', why: 'the login has ended', workflow: null })
  })

  test('is told nothing after it was closed, even before the server has answered', async () => {
    const { one, tell, answer, closed } = opened()
    one.close()
    answer()
    await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce())
    tell({ kind: 'workflow', workflow: workflow() })
    expect(one.known.value).toEqual({ state: 'asking' })
  })
})
