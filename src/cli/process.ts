import process from 'node:process'
import type { Output, World } from './world.ts'

/** As a shell says of a program that was ended by SIGPIPE. */
const NOBODY_READS = 141

/** This process as the commands' world. */
export function processWorld(): World {
  return {
    args: process.argv.slice(2),
    env: process.env,
    stdin: process.stdin,
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    onSignal(name, listener) {
      process.on(name, listener)
      return () => void process.off(name, listener)
    },
    onExit(listener) {
      // A fault is printed between the two.
      const moments = ['uncaughtExceptionMonitor', 'exit'] as const
      for (const moment of moments) process.on(moment, listener)
      return () => {
        for (const moment of moments) process.off(moment, listener)
      }
    },
    uptimeMs: () => performance.now(),
    exit: (code) => process.exit(code),
  }
}

/** Ends with this code once what was written has left. */
export async function leave(world: World, code: number): Promise<void> {
  process.exitCode = code
  await Promise.all([world.stdout.write(''), world.stderr.write('')])
  // A socket's goodbye or a worker may still be under way, and nobody waits for it.
  process.exit(code)
}

function output(stream: NodeJS.WriteStream): Output {
  // `drumline logs ID | head` closes the pipe while there is more to say.
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? NOBODY_READS : 1))
  return {
    write: (text) => new Promise((resolve) => void stream.write(text, () => resolve())),
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.columns || 80
    },
    get rows() {
      return stream.rows || 24
    },
  }
}
