import type { World } from '../world.ts'

/** The other screen, no cursor, and lines that are cut where the terminal ends. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l'
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l'
const HOME = '\x1b[H'
const CLEAR_LINE = '\x1b[K'
const CLEAR_BELOW = '\x1b[J'
/** Of a terminal that does not say how many it has. */
const ROWS = 24
const CTRL_C = '\x03'

type Keyboard = Pick<NodeJS.ReadStream, 'setRawMode'> & NodeJS.ReadableStream

/** A whole terminal, as long as it is used. */
export class Screen {
  readonly #world: World
  readonly #onKey: (key: string) => void
  readonly #hear = (chunk: Buffer | string) => {
    for (const key of chunk.toString()) this.#onKey(key === CTRL_C ? 'q' : key)
  }

  constructor(world: World, onKey: (key: string) => void) {
    this.#world = world
    this.#onKey = onKey
  }

  async enter(): Promise<void> {
    const { stdin, stdout } = this.#world
    if (isKeyboard(stdin)) stdin.setRawMode(true)
    stdin.on('data', this.#hear)
    stdin.resume()
    await stdout.write(ENTER)
  }

  /** As many lines as there is room for, each written over what stood there, so that nothing flickers. */
  async draw(lines: readonly string[]): Promise<void> {
    const { stdout } = this.#world
    const text = lines
      .slice(0, stdout.rows || ROWS)
      .map((line) => `${line}${CLEAR_LINE}`)
      .join('\r\n')
    await stdout.write(`${HOME}${text}${CLEAR_BELOW}`)
  }

  async leave(): Promise<void> {
    const { stdin, stdout } = this.#world
    stdin.off('data', this.#hear)
    stdin.pause()
    if (isKeyboard(stdin)) stdin.setRawMode(false)
    await stdout.write(LEAVE)
  }
}

function isKeyboard(stdin: NodeJS.ReadableStream): stdin is Keyboard {
  return 'setRawMode' in stdin && typeof stdin.setRawMode === 'function'
}
