// Servers under measurement run in a process of their own, as they would in life.
import { fork } from 'node:child_process'

/** Starts `servers/NAME.mjs`; resolves with what it says once it listens, and how to end it. */
export function startPeer(name) {
  const child = fork(new URL(`./servers/${name}.mjs`, import.meta.url), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    child.once('message', (said) => resolve({ ...said, stop: () => stop(child) }))
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code} before it listened`)))
  })
}

function stop(child) {
  return new Promise((resolve) => {
    child.once('exit', resolve)
    child.kill('SIGTERM')
  })
}
