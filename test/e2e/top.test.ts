import { describe, expect, onTestFinished, test } from 'vitest'
import { workflowSpec } from '../../src/protocol/index.ts'
import { Terminal } from '../cli/terminal.ts'
import { sharedStage } from '../support/shared-stage.ts'
import { ROOT, type Stage } from '../support/stage.ts'
import { needsTool } from '../support/tools.ts'

const ENTERED = '\x1b[?1049h'
const LEFT = '\x1b[?7h\x1b[?25h\x1b[?1049l'

function topOf(stage: Stage): Terminal {
  const command = `stty cols 120 rows 24; '${process.execPath}' '${ROOT}/bin/drumline.js' top; echo left with $?; stty -a`
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

    test('pauses the queue, cancels what is chosen, outlives the server, and q gives the terminal back', async () => {
      const operator = await stage().operator()
      const steps = [{ name: 'wait', commands: ['sleep 600'] }]
      await operator.call('submit', { workflows: [workflowSpec({ name: 'endless', steps })], secrets: {} })
      const terminal = topOf(stage())
      await terminal.prompt('endless')
      terminal.type('py')
      await terminal.prompt('the server has paused the queue')
      terminal.type('jc')
      await terminal.prompt('Cancel endless?')
      terminal.type('y')
      await terminal.prompt('stopped after')
      await stage().server.process.kill()
      await terminal.prompt('offline for')
      await stage().serve()
      await terminal.prompt('live')
      terminal.type('q')
      await terminal.prompt('left with 0')
      await terminal.prompt(' icanon')
      const [drawn = '', after] = terminal.shown.split(LEFT)
      expect(drawn).toContain(ENTERED)
      expect(after?.trimStart()).toMatch(/^left with 0/)
    })
  })
})
