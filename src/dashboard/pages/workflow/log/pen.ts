import { replaceEscapes } from '../../../../protocol/index.ts'
import { settingsOf, write } from './sgr.ts'

/** How a terminal would write what comes next. */
export class Pen {
  readonly #settings = new Map<string, string>()

  /** The escape sequences that bring another terminal to it. */
  get state(): string {
    return [...this.#settings.values()].join('')
  }

  /** Follows a text. */
  draw(text: string): void {
    replaceEscapes(text, (sequence) => {
      for (const setting of settingsOf(sequence)) {
        if (setting.slot === 'all') this.#settings.clear()
        else if (setting.slot === 'weight') ['bold', 'dim'].map((slot) => this.#settings.delete(slot))
        else this.#settings.set(setting.slot, write(setting))
      }
      return ''
    })
  }
}
