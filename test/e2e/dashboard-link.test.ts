import { expect, onTestFinished, test } from 'vitest'
import { logIn, whoAmI } from '../../src/client/index.ts'
import { Terminal } from '../cli/terminal.ts'
import { onStage } from '../support/on-stage.ts'
import { Page } from '../support/page.ts'
import { ROOT, Stage } from '../support/stage.ts'
import { needsTool } from '../support/tools.ts'

needsTool('script')('in a terminal', () => {
  test('serve prints a link that logs a browser in, once', { timeout: 120_000 }, async () => {
    const stage = new Stage()
    onTestFinished(() => stage.destroy())
    const command = `'${process.execPath}' '${ROOT}/bin/drumline.js' serve --listen 127.0.0.1:0`
    const terminal = new Terminal(command, { cwd: stage.folder, env: { PATH: process.env.PATH ?? '', TERM: 'xterm' } })
    onTestFinished(() => terminal.end())
    await terminal.prompt('`drumline login` prints another')
    const lines = terminal.shown.split('\r\n')
    expect(lines[0]).toMatch(/^listening on http:/)
    expect(lines[1]).toMatch(/^admin token in .*admin-token$/)
    const [, origin = '', code = ''] =
      /^dashboard at (http:\/\/127\.0\.0\.1:\d+)\/#code=(\S+)$/.exec(lines[2] ?? '') ?? []
    const page = { url: origin, fetch: new Page(origin).fetch }
    await logIn(page, { code })
    expect(await whoAmI(page)).toMatchObject({ role: 'admin' })
    await expect(logIn(page, { code })).rejects.toMatchObject({ code: 'forbidden' })
  })
})

test('what is no terminal is told how to get a link, and no secret', { timeout: 120_000 }, () =>
  onStage(async (stage) => {
    const { process } = await stage.serve()
    await process.says(/`drumline login` prints a link to the dashboard\n/, 60_000)
    expect(process.stdout()).not.toContain('#code=')
  }),
)
