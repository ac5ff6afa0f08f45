import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { needsTool } from './tools.ts'

needsTool('python3')('python3', () => {
  test('brings what a foreign agent is written with', () => {
    const modules = 'import asyncio, base64, hashlib, json, socket, ssl; print("ready")'
    expect(execFileSync('python3', ['-c', modules], { encoding: 'utf8' }).trim()).toBe('ready')
  })
})
