import { defineConfig } from 'vitest/config'

const full = process.env.DRUMLINE_TEST_FULL === '1'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: full ? [] : ['test/full/**'],
    pool: 'forks',
    maxWorkers: 4,
    testTimeout: full ? 600_000 : 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
  },
})
