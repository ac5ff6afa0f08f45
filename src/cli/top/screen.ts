import type { World } from '../world.ts'

/** The other screen, no cursor, and lines that are cut where the terminal ends. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l'
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l'
const HOME = '\x1b[H'
const CLEAR_LINE = '\x1b[K'
const CLEAR_BELOW = '\x1b[J'

type Keyboard = Pick<NodeJS.ReadStream, 'setRawMode'> & NodeJS.ReadableStream

/** A whole terminal, as long as it is used. */
export class Screen {
  readonly #world: World
  /** Undefined: what comes from a file are no keys. */
  readonly #keyboard: Keyboard | undefined
  readonly #hear: (chunk: Buffer | string) => void
  #forget: () => void = () => {}
  #size = ''

  constructor(world: World, onKeys: (text: string) => void) {
    this.#world = world
    this.#keyboard = isKeyboard(world.stdin) ? world.stdin : undefined
    this.#hear = (chunk) => onKeys(chunk.toString())
  }

  /** The terminal is no longer as it was when it was drawn. */
  get resized(): boolean {
    return this.#size !== this.#measure()
  }

  async enter(): Promise<void> {
    // Of a fault Node tells before anybody could leave.
    this.#forget = this.#world.onExit(() => void this.#world.stdout.write(LEAVE))
    this.#keyboard?.setRawMode(true)
    this.#keyboard?.setEncoding('utf8').on('data', this.#hear).resume()
    await this.#world.stdout.write(ENTER)
  }

  /**
   * Writes lines over what stood there, so that nothing flickers. Each is cleared first: behind one that fills its row the cursor stands
   * on the last character, and would clear that.
   */
  async draw(linesFor: (rows: number) => readonly string[]): Promise<void> {
    const { stdout } = this.#world
    this.#size = this.#measure()
    const lines = linesFor(stdout.rows).slice(0, stdout.rows)
    const text = lines.map((line) => `${CLEAR_LINE}${line}`).join('\r\n')
    await stdout.write(`${HOME}${text}${lines.length < stdout.rows ? `\r\n${CLEAR_BELOW}` : ''}`)
  }

  async leave(): Promise<void> {
    this.#keyboard?.off('data', this.#hear).pause()
    await this.#world.stdout.write(LEAVE)
    this.#keyboard?.setRawMode(false)
    this.#forget()
  }

  #measure(): string {
    const { columns, rows } = this.#world.stdout
    return `${columns}×${rows}`
  }
}

function isKeyboard(stdin: NodeJS.ReadableStream): stdin is Keyboard {
  return 'setRawMode' in stdin && typeof stdin.setRawMode === 'function'
}
