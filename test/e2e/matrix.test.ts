import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { onStage } from '../support/on-stage.ts'
import type { Stage } from '../support/stage.ts'

const COMBINATIONS = ['linux 1', 'linux 2', 'mac 1', 'mac 2', 'bsd 1', 'bsd 2']
const NAMES = COMBINATIONS.map((both) => `build (OS=${both.replace(' ', ', V=')})`)
const BROKEN = 'build (OS=mac, V=2)'

/**
 * Each combination takes the only place, notes itself and lets go. The one that fails waits for `early`, which waits for the
 * first combination: were it held until the whole matrix is over, neither would end.
 */
const BUILD = `
matrix:
  OS: [linux, mac, bsd]
  V: [1, 2]
concurrency: {group: build}
steps:
  - name: compile
    commands: |
      mkdir "$PLACE/taken" || echo "$OS $V beside another" >> "$PLACE/order"
      echo "$OS $V" | tee -a "$PLACE/order"
      if [ "$OS $V" = "mac 2" ]; then until [ -e "$PLACE/early" ]; do sleep 0.05; done; else sleep 0.1; fi
      rmdir "$PLACE/taken" || true
      [ "$OS $V" != "mac 2" ]
`
const after = (needs: string, command: string, more = '') =>
  `depends_on: ${needs}\n${more}steps:\n  - name: only\n    commands: ${command}\n`

function files(stage: Stage): string[] {
  return [
    stage.write('build.yaml', BUILD),
    stage.write('early.yaml', after(NAMES[0] ?? '', 'touch "$PLACE/early"')),
    stage.write('deploy.yaml', after('build', 'echo never')),
    stage.write('mourn.yaml', after('build', 'echo somebody should look', 'runs_on: failure\n')),
    stage.write('report.yaml', after('build', 'echo it is over', 'runs_on: [success, failure]\n')),
  ]
}

test(
  'a matrix of 3 × 2 with a dependent workflow, a concurrency group of 1, and a failing combination: order and outcomes as documented, watched by submit --follow',
  {
    timeout: 240_000,
  },
  () =>
    onStage(async (stage) => {
      await stage.serve()
      await stage.agent({ name: 'first', capacity: 4 })
      await stage.agent({ name: 'second', capacity: 4 })

      const submit = ['submit', ...files(stage), '--env', `PLACE=${stage.folder}`, '--follow']
      const { code, stdout, stderr } = await stage.run(submit, {}, 200_000)

      expect(code, 'a combination failed').toBe(1)
      // One at a time, the oldest first: otherwise `taken` was there already, and it says so.
      expect(readFileSync(stage.path('order'), 'utf8').trim().split('\n')).toEqual(COMBINATIONS)
      const said = stderr.trim().split('\n')
      const names = [...NAMES, 'early', 'deploy', 'mourn', 'report']
      const submitted = said.slice(0, names.length).map((line) => line.replace('submitted ', '').split(': '))
      expect(submitted).toEqual(names.map((name) => [name, expect.stringMatching(/^\w{20}$/)]))
      const endOf = (name: string) => said.find((line) => line.startsWith(`${name}: `)) ?? `no word of ${name}`
      for (const name of names.filter((one) => one !== BROKEN && one !== 'deploy')) {
        expect(endOf(name)).toMatch(/: success after \d/)
      }
      expect(endOf(BROKEN)).toMatch(/: failure after \d.*; compile ended with 1\b/)
      expect(endOf('deploy')).toMatch(/: skipped\b/)
      expect(said.at(-1)).toBe('8 succeeded, 1 failed, 1 skipped')
      // What waits for the whole matrix begins when its last combination has ended.
      const known = await Promise.all(submitted.map(([, id = '']) => stage.watch.ended(id)))
      const last = Math.max(...known.slice(0, NAMES.length).map(({ finished }) => Number(finished)))
      const [, deploy, mourn, report] = known.slice(NAMES.length)
      expect(Number(deploy?.finished)).toBeGreaterThanOrEqual(last)
      for (const dependent of [mourn, report]) expect(Number(dependent?.started)).toBeGreaterThanOrEqual(last)
      for (const [index, name] of NAMES.entries())
        expect(stdout).toContain(`[${name}/compile] ${COMBINATIONS[index]}\n`)
      expect(stdout).toContain('[mourn/only] somebody should look\n')
      expect(stdout).not.toContain('[deploy')
    }),
)
