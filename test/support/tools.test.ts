import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { needsTool } from './tools.ts'

needsTool('python3-websockets')('python3-websockets', () => {
  test('brings what a foreign agent is written with', () => {
    const modules = 'import asyncio, json, websockets.legacy.client; print("ready")'
    expect(execFileSync('/usr/bin/python3', ['-c', modules], { encoding: 'utf8' }).trim()).toBe('ready')
  })
})
