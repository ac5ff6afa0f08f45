import { expect, onTestFinished, test } from 'vitest'
import { Terminal } from '../cli/terminal.ts'
import { onStage } from '../support/on-stage.ts'
import { ROOT } from '../support/stage.ts'
import { needsTool } from '../support/tools.ts'

needsTool('script')('in a terminal', () => {
  test('top draws what the server knows, and q gives the terminal back', { timeout: 180_000 }, () =>
    onStage(async (stage) => {
      const { url } = await stage.serve()
      const command = `'${process.execPath}' '${ROOT}/bin/drumline.js' top; echo left with $?`
      const env = { PATH: process.env.PATH ?? '', TERM: 'xterm', DRUMLINE_URL: url, DRUMLINE_DATA: stage.data }
      const terminal = new Terminal(command, { cwd: stage.folder, env })
      onTestFinished(() => terminal.end())
      await terminal.prompt('0 pending')
      await stage.json('queue', 'pause')
      await terminal.prompt('nothing is handed out')
      terminal.type('q')
      await terminal.prompt('left with 0')
      const [drawn = '', after = ''] = terminal.shown.split('\x1b[?1049l')
      expect(drawn).toContain('\x1b[?1049h')
      expect(after.trim()).toBe('left with 0')
    }),
  )
})
