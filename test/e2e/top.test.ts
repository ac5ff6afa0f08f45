import { describe, expect, onTestFinished, test } from 'vitest'
import { Terminal } from '../cli/terminal.ts'
import { ROOT, type Stage } from '../support/stage.ts'
import { sharedStage } from '../support/shared-stage.ts'
import { needsTool } from '../support/tools.ts'

const ENTERED = '\x1b[?1049h'
const LEFT = '\x1b[?7h\x1b[?25h\x1b[?1049l'

function topOf(stage: Stage): Terminal {
  const command = `stty cols 80 rows 24; '${process.execPath}' '${ROOT}/bin/drumline.js' top; echo left with $?; stty -a`
  const env = { PATH: process.env.PATH ?? '', TERM: 'xterm', DRUMLINE_URL: stage.server.url, DRUMLINE_DATA: stage.data }
  const terminal = new Terminal(command, { cwd: stage.folder, env })
  onTestFinished(() => terminal.end())
  return terminal
}

needsTool('script')('in a terminal', () => {
  describe('top', { timeout: 240_000 }, () => {
    const stage = sharedStage(async (it) => {
      await it.serve()
      await it.agent({ name: 'worker' })
    })

    test('follows the server over a restart, pauses it, cancels what is chosen, and q gives the terminal back', async () => {
      const operator = await stage().operator()
      const { workflows } = await operator.call('submit', {
        workflows: [{ name: 'endless', steps: [{ name: 'wait', commands: ['sleep 600'] }] }],
      })
      const terminal = topOf(stage())
      await terminal.prompt('1 running')
      terminal.type('py')
      await terminal.prompt('the server has paused the queue')
      await stage().server.process.kill()
      await terminal.prompt('offline for')
      await stage().serve()
      await terminal.prompt('live')
      terminal.type('jc')
      await terminal.prompt('Cancel endless?')
      terminal.type('y')
      await terminal.prompt('stopped after')
      terminal.type('q')
      await terminal.prompt('left with 0')
      await terminal.prompt(' icanon')
      const [drawn = '', after] = terminal.shown.split(LEFT)
      expect(drawn).toContain(ENTERED)
      expect(after?.trimStart()).toMatch(/^left with 0/)
      expect(workflows).toHaveLength(1)
    })
  })
})
