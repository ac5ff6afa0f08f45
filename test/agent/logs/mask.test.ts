import { expect, test } from 'vitest'
import { maskOf } from '../../../src/agent/logs/mask.ts'

test('secrets become stars wherever they stand in a line', () => {
  const mask = maskOf({ A: 'hunter2', B: 'p.*(w)[$|^]-/\\' })
  expect(mask('hunter2 and xhunter2x')).toBe('******** and x********x')
  expect(mask('p.*(w)[$|^]-/\\ but not p__(w)')).toBe('******** but not p__(w)')
})

test('a longer secret is masked whole although a shorter one begins it', () => {
  expect(maskOf({ A: 'token', B: 'token-of-production' })('token-of-production token')).toBe('******** ********')
})

test('each line of a value of several lines is masked, short lines are not', () => {
  const mask = maskOf({ KEY: '-----BEGIN-----\r\nabcdef\nxy\n-----END-----\n' })
  expect(mask('-----BEGIN-----\nabcdef\nxy\n-----END-----')).toBe('********\n********\nxy\n********')
})

test('values of three characters or fewer are left alone', () => {
  expect(maskOf({ A: 'yes', B: '' })('yes it is')).toBe('yes it is')
})
