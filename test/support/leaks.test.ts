import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { HeadSearch, LEAKS_FILE, searchesOf } from './leaks.ts'

// Put together here, so that this file is not what it looks for.
const TOKEN = `drl_${'aB3-_'.repeat(9)}`
let folder = ''
const found = () => readFileSync(join(folder, 'leaks'), 'utf8').trim().split('\n').filter(Boolean)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drumline-leaks-'))
  writeFileSync(join(folder, 'leaks'), '')
  vi.stubEnv(LEAKS_FILE, join(folder, 'leaks'))
})

afterEach(() => rmSync(folder, { recursive: true }))

test('a secret is found wherever it is cut, told once, and not repeated in full', () => {
  const text = `{"msg":"hello ${TOKEN}"}\n`
  for (let at = 1; at < text.length; at++) {
    const { stderr } = searchesOf(`drumline agent ${at}`)
    for (const piece of [text.slice(0, at), text.slice(at), text]) stderr.read(piece)
  }
  expect(found()).toHaveLength(text.length - 1)
  expect(found().join()).not.toContain(TOKEN)
})

test('a command that makes a credential may show it on stdout, and nowhere else', () => {
  const { stdout, stderr } = searchesOf('drumline token create --role agent')
  expect(stdout).toBeUndefined()
  stderr.read(TOKEN)
  searchesOf('drumline token list').stdout?.read(TOKEN)
  expect(found()).toHaveLength(2)
})

test.each([
  { at: 'the header made for it', line: `Authorization: Bearer ${TOKEN}`, leaks: 0 },
  { at: 'a cookie', line: `Cookie: drumline=${TOKEN}`, leaks: 0 },
  { at: 'another header', line: `X-Token: ${TOKEN}`, leaks: 1 },
  { at: 'the subprotocol', line: `Sec-WebSocket-Protocol: drumline.v1, ${TOKEN}`, leaks: 1 },
])('a secret in $at of a request is a leak or is none', ({ line, leaks }) => {
  const head = new HeadSearch('a request')
  const bytes = Buffer.from(`GET /bus HTTP/1.1\r\nHost: here\r\n${line}\r\n\r\n${TOKEN}`)
  head.read(bytes.subarray(0, 40))
  head.read(bytes.subarray(40))
  expect(found()).toHaveLength(leaks)
})

test('a secret in an address is a leak', () => {
  new HeadSearch('a request').read(Buffer.from(`GET /bus?token=${TOKEN} HTTP/1.1\r\n\r\n`))
  expect(found()).toHaveLength(1)
})
