import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { waitUntil } from '../../support/wait-until.ts'
import { LocalStage } from './stage.ts'

const stage = new LocalStage()

describe('the check after each case finds', () => {
  test('a folder that was left', async () => {
    await mkdir(join(stage.root, 'drumline-left'))
    expect(await stage.takeDown()).toEqual({ folders: ['drumline-left'], processes: [] })
    await mkdir(stage.root)
  })

  // Out of its group nothing ends it; and it may have forgotten its environment, or where it stood.
  test.each([
    ['with its environment', 'cd /; exec setsid sleep 611'],
    ['without it', 'exec env -i setsid sleep 611'],
    [
      'known by its program',
      'cp /bin/sh "$TMPDIR/nap"; cd /; exec env -i setsid "$TMPDIR/nap" -c "kill -STOP \\$\\$" 611',
    ],
  ])('a process that was left, %s', async (_, way) => {
    const job = await stage.commands(
      `(${way}) >/dev/null 2>&1 & true`,
      // It leads a session of its own.
      `until [ "$(cut -d ' ' -f 6 /proc/$!/stat)" = $! ]; do sleep 0.01; done`,
    )
    expect(job.outcomes).toEqual(['a success'])
    const left = await stage.takeDown()
    expect(left.processes).toEqual([expect.stringMatching(/611$/)])
    await waitUntil(async () => (await stage.processes()).length === 0)
    await mkdir(stage.root)
  })
})
