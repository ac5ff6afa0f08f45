import { join } from 'node:path'
import { Running } from './running.ts'
import { ROOT, type Stage } from './stage.ts'

const AGENT = join(ROOT, 'examples', 'agent.py')

/** Starts the agent of examples/ in Python, named `snake`; it is killed with the stage. */
export function startPythonAgent(stage: Stage, url: string, token: string): Running {
  const env = { PATH: process.env.PATH ?? '', TMPDIR: stage.path('tmp'), DRUMLINE_TOKEN: token }
  const python = new Running('/usr/bin/python3', [AGENT, url, 'snake', 'lang=python'], { cwd: stage.folder, env })
  stage.cleanups.push(() => python.kill())
  return python
}
