import { expect, test } from 'vitest'
import { mountsIn, mountsOf } from '../../../src/agent/local/mounts.ts'

const TABLE = String.raw`22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
23 22 0:5 / /proc rw,nosuid - proc proc rw
40 22 254:0 /data /tmp/drumline-a/workspace/data rw,relatime shared:1 - ext4 /dev/vda rw
41 22 0:44 / /tmp/drumline-ab rw - tmpfs none rw
42 22 0:45 / /tmp/it\040is/a\134b rw - tmpfs none rw
`

test('a mount is known by the folder it lies in', () => {
  expect(mountsOf(TABLE, '/tmp/drumline-a')).toEqual(['/tmp/drumline-a/workspace/data'])
  expect(mountsOf(TABLE, '/tmp/drumline-ab')).toEqual([])
  expect(mountsOf(TABLE, '/tmp/it is')).toEqual([String.raw`/tmp/it is/a\b`])
  expect(mountsOf('', '/')).toEqual([])
})

test('the mounts of this machine are read', async () => {
  expect(await mountsIn('')).toContain('/proc')
})
