import { type DialOptions, dial, type SocketPort } from '../../src/socket/index.ts'

/** Something that happened on the wire, or a mark that a test set between. */
export interface Entry {
  direction: 'in' | 'out' | 'mark'
  type: string
}

/** Dials like the real thing and keeps, in order, the types of all frames that pass. */
export class Recorder {
  readonly entries: Entry[] = []

  readonly dial = async (url: URL | string, options: DialOptions): Promise<SocketPort> => {
    const port = await dial(url, options)
    return this.#tap(port)
  }

  mark(type: string): void {
    this.entries.push({ direction: 'mark', type })
  }

  /** What happened after one mark and before another. */
  between(from: string, to: string): Entry[] {
    const at = (mark: string) => this.entries.findIndex(({ direction, type }) => direction === 'mark' && type === mark)
    const [first, last] = [at(from), at(to)]
    if (first === -1 || last < first) throw new Error(`no ${from} before ${to}: ${JSON.stringify(this.entries)}`)
    return this.entries.slice(first + 1, last)
  }

  #tap(port: SocketPort): SocketPort {
    return {
      send: (text) => {
        this.#note('out', text)
        port.send(text)
      },
      onText: (listener) =>
        port.onText((text) => {
          this.#note('in', text)
          listener(text)
        }),
      close: (code, reason) => port.close(code, reason),
      buffered: () => port.buffered(),
      pause: (paused) => port.pause?.(paused),
      onClose: (listener) => port.onClose(listener),
      bytesRead: () => port.bytesRead(),
      bytesWritten: () => port.bytesWritten(),
      quietMs: () => port.quietMs(),
      ping: () => port.ping(),
      terminate: () => port.terminate(),
    }
  }

  #note(direction: 'in' | 'out', text: string): void {
    const message: unknown = JSON.parse(text)
    const frames = (Array.isArray(message) ? message : [message]) as { type: string }[]
    for (const { type } of frames) this.entries.push({ direction, type })
  }
}
