import { describe } from 'vitest'
import { openSqlite } from '../../../src/server/store/sqlite/index.ts'
import { contract } from './contract/index.ts'

describe('the SQLite store, in process', () => {
  contract(({ file, ...options }) => openSqlite(file, { ...options, thread: false }))
})
