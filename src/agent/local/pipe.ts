import { closeSync, constants, openSync, readSync } from 'node:fs'
import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net'

/** What the kernel's pipe holds at most. */
const READ_BYTES = 64 * 1024

/** The reading end of a named pipe, and the writing end for the child. */
export class Pipe {
  /** Ours until `release`: while it is open, a step that points its stdout elsewhere does not end the stream. */
  readonly childEnd: number
  /** Resolves once the last writer is gone or `destroy` was called. */
  readonly closed: Promise<void>
  readonly #socket: Socket
  readonly #fd: number
  #released = false

  /** Opens a named pipe. The callback must not keep the bytes. */
  constructor(path: string, onBytes: (bytes: Buffer) => void) {
    // The order matters: opening the writing end waits for a reader.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    this.#fd = fd
    this.childEnd = openOr(() => closeSync(fd), path)
    const buffer = Buffer.allocUnsafe(READ_BYTES)
    const options: SocketConstructorOpts & ConnectOpts = {
      fd,
      readable: true,
      writable: false,
      // Straight from the kernel, with nothing buffered between: `pull` may then read on behind it without overtaking.
      onread: {
        buffer,
        callback: (count) => {
          onBytes(buffer.subarray(0, count))
          return true
        },
      },
    }
    this.#socket = new Socket(options)
    this.closed = new Promise((resolve) => this.#socket.once('close', () => resolve()))
    // A failed read ends the stream; what was read stands.
    this.#socket.on('error', () => {})
    this.#socket.resume()
  }

  /** What is there right now, read at once; undefined if nothing is. */
  pull(): Buffer | undefined {
    if (this.#socket.destroyed) return undefined
    const bytes = Buffer.allocUnsafe(READ_BYTES)
    try {
      const count = readSync(this.#fd, bytes)
      return count > 0 ? bytes.subarray(0, count) : undefined
    } catch {
      // Nothing there (EAGAIN), or an error that the socket meets too.
      return undefined
    }
  }

  /** Closes our writing end, once the child has its own or has ended. */
  release(): void {
    if (this.#released) return
    this.#released = true
    closeSync(this.childEnd)
  }

  destroy(): void {
    this.release()
    this.#socket.destroy()
  }
}

function openOr(undo: () => void, path: string): number {
  try {
    return openSync(path, constants.O_WRONLY)
  } catch (error) {
    undo()
    throw error
  }
}
