import { describe, expect, test } from 'vitest'
import { busUrl } from '../../src/socket/index.ts'

describe('the address', () => {
  test.each([
    ['http://127.0.0.1:7800', 'ws://127.0.0.1:7800/bus'],
    ['https://ci.example.com/', 'wss://ci.example.com/bus'],
    ['wss://ci.example.com/bus', 'wss://ci.example.com/bus'],
    ['ws://ci.example.com/bus/', 'ws://ci.example.com/bus'],
    ['https://example.com/ci', 'wss://example.com/ci/bus'],
    ['http://[::1]:7800', 'ws://[::1]:7800/bus'],
  ])('%s becomes %s', (typed, url) => expect(busUrl(typed).href).toBe(url))

  test.each([
    ['ci.example.com', /not an address/],
    ['localhost:7800', /localhost:/],
    ['ftp://ci.example.com', /ftp/],
    ['https://me:secret@ci.example.com', /user or password/],
    ['https://ci.example.com/?token=1', /query/],
  ])('%s is refused', (typed, why) => expect(() => busUrl(typed)).toThrow(why))
})
