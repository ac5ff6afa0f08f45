import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { onStage } from '../support/on-stage.ts'
import { Running } from '../support/running.ts'
import { needsTool } from '../support/tools.ts'

const DOCUMENT = new URL('../../docs/http.md', import.meta.url)

/** The examples of a document, one script. */
function script(): string {
  const blocks = [...readFileSync(DOCUMENT, 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(
    ([, block = '']) => block,
  )
  if (blocks.length < 6) throw new Error('docs/http.md has lost its examples')
  return blocks.join('\n')
}

needsTool('curl')('with curl', () => {
  needsTool('jq')('and jq', () => {
    test('every example of docs/http.md does what it says', { timeout: 60_000 }, () =>
      onStage(async (stage) => {
        await stage.serve()
        await stage.agent({ name: 'worker', labels: { platform: 'linux/amd64' }, capacity: 2 })
        const env = { PATH: process.env.PATH ?? '', URL: stage.server.url, TOKEN: stage.adminToken }
        const shell = new Running('sh', ['-ec', script()], { cwd: stage.folder, env })
        const { code } = await shell.finished(40_000)
        const stdout = shell.stdout()
        expect([shell.stderr(), code], stdout).toEqual(['', 0])
        expect(stdout).toMatch(/^\{"workflows":\[\{"id":"[^"]+","name":"nightly"\}\]\}/)
        expect(stdout).toContain('worker\tonline\t')
        expect(stdout).toContain('line 1\nline 2\nline 3\nthat was quick\n')
        expect(stdout).toContain('+ for i in 1 2 3')
        expect(stdout).toContain('"pending"\n')
        expect(stdout).toContain('{"paused":true}{"paused":false}')
        expect(stdout).toContain('wrong.yaml:3:5: ')
        expect(stdout).toContain('{"status":"alive"}{"status":"ready"}')
      }),
    )
  })
})
