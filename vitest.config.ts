import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/longest-first.ts'

const full = process.env.DRUMLINE_TEST_FULL === '1'
/** Tests that put others in the place of modules: a module that another file has loaded would stay as it is. */
const alone = ['test/server/queue/scale.test.ts']
const left = full ? [] : ['test/full/**']

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 5,
    testTimeout: full ? 600_000 : 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    globalSetup: ['test/support/leaks-setup.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      // Loading the modules anew for each file would take a third of the time of all tests.
      {
        extends: true,
        test: { name: 'together', isolate: false, include: ['test/**/*.test.ts'], exclude: [...left, ...alone] },
      },
      { extends: true, test: { name: 'alone', include: alone } },
    ],
  },
})
