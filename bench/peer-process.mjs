// Servers and agents under measurement run in processes of their own, as they would in life.
import { fork } from 'node:child_process'

/** Starts `servers/NAME.mjs`; resolves with what it says once it listens, its process, and how to end it. */
export function startPeer(name) {
  return start(`./servers/${name}.mjs`, [])
}

/** Starts so many agents in one process, for work of a kind; see `agents/agents.mjs`. */
export function startAgents({ url, token, kind, agents, capacity }) {
  return start('./agents/agents.mjs', [url, token, kind, String(agents), String(capacity)])
}

/** Starts so many who watch, in one process; `ask` has them watch or rest. See `agents/watchers.mjs`. */
export async function startWatchers({ url, token, watchers }) {
  const crowd = await start('./agents/watchers.mjs', [url, token, String(watchers)])
  const ask = (task) =>
    new Promise((resolve) => {
      crowd.child.once('message', resolve)
      crowd.child.send(task)
    })
  return { ...crowd, ask }
}

async function start(file, args) {
  const child = fork(new URL(file, import.meta.url), args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: ['--expose-gc'],
  })
  const said = await new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code} before it was ready`)))
  })
  return { ...said, child, stop: () => stop(child) }
}

function stop(child) {
  return new Promise((resolve) => {
    child.once('exit', resolve)
    child.kill('SIGTERM')
  })
}
