import { execFile } from 'node:child_process'
import { constants, open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { isCode } from './files.ts'

const USUAL_PATH = '/usr/bin:/bin'

/**
 * Named pipes. The ones Node makes for a child are sockets, on which `> /dev/stderr` fails, and have no path.
 * `searchPath`: where `mkfifo` may be besides the usual places.
 */
export async function makePipes(paths: readonly string[], searchPath = ''): Promise<void> {
  const PATH = [searchPath, USUAL_PATH].filter(Boolean).join(':')
  await promisify(execFile)('mkfifo', ['-m', '600', ...paths], { env: { PATH } })
}

/**
 * Reads a new named pipe for as long as this process lives: that is known all over the machine, in every container, and
 * ends with the process whatever ends it. The answer ends it.
 */
export async function holdPipe(path: string, searchPath?: string): Promise<() => Promise<void>> {
  await makePipes([path], searchPath)
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  return () => handle.close()
}

/** Whether somebody reads the pipe. One that is not there counts as read: nothing is known of it. */
export async function isHeld(path: string): Promise<boolean> {
  try {
    const handle = await open(path, constants.O_WRONLY | constants.O_NONBLOCK)
    await handle.close()
    return true
  } catch (error) {
    return !isCode(error, 'ENXIO')
  }
}
