import { Secrets } from '../logs/secrets.ts'
import { Lines, type WriteLines } from './lines.ts'
import { Pipe } from './pipe.ts'
import { echoOf, type ScriptFiles } from './script.ts'
import { Segments, type Token } from './segments.ts'

/** Pulls in a row, so that a flood in the background cannot keep the loop for itself. */
const PULLS = 32

interface Stream {
  readonly pipe: Pipe
  readonly segments: Segments
  readonly lines: Lines
  readonly queue: Token[]
}

export interface OutputOptions extends ScriptFiles {
  readonly mark: string
  readonly commands: readonly string[]
  readonly secrets: Readonly<Record<string, string>>
  readonly write: WriteLines
}

/**
 * Both streams of a step as lines, each command's echo before its output and after all that came before it, on either
 * stream. Two pipes have no order between them, but their marks do: what stands before mark n on one goes out before
 * what stands behind mark n on the other.
 */
export class Output {
  /** Resolves once nobody holds either pipe any more. */
  readonly closed: Promise<void>
  readonly #out: Stream
  readonly #err: Stream
  readonly #commands: readonly string[]
  readonly #mark: string
  readonly #secrets: Secrets
  readonly #write: WriteLines
  #echoed = 0

  /** Opens the pipes at these paths. */
  constructor({ out, err, mark, commands, secrets, write }: OutputOptions) {
    this.#commands = commands
    this.#mark = mark
    this.#secrets = new Secrets(secrets)
    this.#write = write
    this.#out = this.#stream('out', out)
    try {
      this.#err = this.#stream('err', err)
    } catch (error) {
      this.#out.pipe.destroy()
      throw error
    }
    this.closed = Promise.all([this.#out.pipe.closed, this.#err.pipe.closed]).then(() => {})
  }

  /** The child's stdio. */
  get stdio(): ['ignore', number, number] {
    return ['ignore', this.#out.pipe.childEnd, this.#err.pipe.childEnd]
  }

  /** To be called when the child has ended, or `closed` never comes. */
  release(): void {
    this.#out.pipe.release()
    this.#err.pipe.release()
  }

  /** Reads and writes what is left, and closes the pipes, whoever holds them. */
  end(): void {
    for (const stream of [this.#out, this.#err]) {
      for (let pulls = 0; pulls < PULLS && this.#pull(stream); ) pulls++
      stream.pipe.destroy()
      stream.queue.push(...stream.segments.end())
    }
    this.#settle()
    this.#out.lines.end()
    this.#err.lines.end()
  }

  #stream(kind: 'out' | 'err', path: string): Stream {
    const stream: Stream = {
      segments: new Segments(this.#mark, this.#commands.length),
      lines: new Lines(kind, this.#secrets, this.#write),
      queue: [],
      pipe: new Pipe(path, (bytes) => {
        stream.queue.push(...stream.segments.push(bytes))
        this.#settle()
      }),
    }
    return stream
  }

  /** Writes all that is in order. Where one stream is at a mark and the other has nothing left, reads the other on. */
  #settle(): void {
    for (let pulls = 0; ; ) {
      this.#writeText(this.#out)
      this.#writeText(this.#err)
      if (this.#out.queue.length + this.#err.queue.length === 0) return
      const behind = this.#behind()
      if (behind !== undefined && pulls++ < PULLS && this.#pull(behind)) continue
      // What the command before wrote was in its pipe before either mark, so it is all out. If the other mark is not
      // there yet, or never comes since the step has removed its pipe, it says nothing new.
      this.#echo()
    }
  }

  /** The stream that has nothing left while the other stands at a mark. */
  #behind(): Stream | undefined {
    const out = this.#out.queue.length > 0
    const err = this.#err.queue.length > 0
    if (out === err) return undefined
    return out ? this.#err : this.#out
  }

  #pull(stream: Stream): boolean {
    const bytes = stream.pipe.pull()
    if (bytes === undefined) return false
    stream.queue.push(...stream.segments.push(bytes))
    return true
  }

  /** Up to the mark of the next command; earlier marks say nothing new. */
  #writeText(stream: Stream): void {
    for (let token = stream.queue[0]; token !== undefined; token = stream.queue[0]) {
      if (typeof token === 'string') stream.lines.push(token)
      else if (token >= this.#echoed) return
      stream.queue.shift()
    }
  }

  /** The next command begins: whatever line is open is a line now, if it can be. */
  #echo(): void {
    const heads = [this.#out.queue[0], this.#err.queue[0]].filter((head) => typeof head === 'number')
    const next = Math.min(...heads)
    this.#out.lines.interrupt()
    this.#err.lines.interrupt()
    this.#write('command', echoOf(this.#commands[next] ?? ''))
    this.#echoed = next + 1
    this.#writeText(this.#out)
    this.#writeText(this.#err)
  }
}
