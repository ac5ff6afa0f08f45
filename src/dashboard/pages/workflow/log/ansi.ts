import {
  type Color,
  createAnsiSequenceParser,
  createColorPalette,
  namedColors,
  type ParseToken,
} from 'ansi-sequence-parser'
import { visibleText } from '../../../../protocol/index.ts'
import type { Line } from './block.ts'
import { Pen } from './pen.ts'
import { onlyColours } from './sgr.ts'

/** A piece of a line that looks the same all along. */
export interface Span {
  readonly text: string
  readonly class: string
  /** Of true colours, which no class can name. */
  readonly style?: { readonly color?: string; readonly background?: string }
}

/** A class, or a value that no class can name; neither for what is not coloured. */
interface Coloured {
  readonly name: string
  readonly value?: string
}

const palette = createColorPalette()

/**
 * A line as a terminal shows it: after carriage returns only what was written last. With `whole` everything, and the
 * carriage returns to be seen. No control character comes out of it.
 */
export function spansOf({ text, colours }: Pick<Line, 'text' | 'colours'>, { whole = false } = {}): Span[] {
  const shown = whole ? { text, colours } : lastWritten(text, colours)
  if (!shown.text.includes('\x1b') && shown.colours === '') return [{ text: printable(shown.text), class: '' }]
  return createAnsiSequenceParser()
    .parse(shown.colours + onlyColours(shown.text))
    .map(spanOf)
}

/** Whether something was written over. */
export function isOverwritten(text: string): boolean {
  return /\r(?!\r*$)/.test(text)
}

function lastWritten(text: string, colours: string): { text: string; colours: string } {
  if (!text.includes('\r')) return { text, colours }
  const writings = text.split('\r')
  const last = Math.max(
    0,
    writings.findLastIndex((writing) => visibleText(writing) !== ''),
  )
  if (!text.includes('\x1b')) return { text: writings[last] ?? '', colours }
  const pen = new Pen()
  pen.draw(colours + writings.slice(0, last).join(''))
  return { text: writings[last] ?? '', colours: pen.state }
}

function spanOf({ value, foreground, background, decorations }: ParseToken): Span {
  const inverse = decorations.has('reverse')
  const text = coloured('text', inverse ? (background ?? onInverse(foreground)) : foreground)
  const ground = coloured('ground', inverse ? (foreground ?? 'text') : background)
  const names = [...decorations].filter((name) => name !== 'reverse').map((name) => `ansi-${name}`)
  const style = styleOf(text, ground)
  const classes = [...names, text.name, ground.name].filter((name) => name !== '').join(' ')
  return { text: printable(value), class: classes, ...(Object.keys(style).length === 0 ? {} : { style }) }
}

function styleOf(text: Coloured, ground: Coloured): NonNullable<Span['style']> {
  const isBare = text.name === '' && text.value === undefined
  const color = isBare && ground.value !== undefined ? readableOn(ground.value) : text.value
  return {
    ...(color === undefined ? {} : { color }),
    ...(ground.value === undefined ? {} : { background: ground.value }),
  }
}

/** Black or white, whichever is further away: the log's own text colour may be near. */
function readableOn(ground: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(ground.slice(at, at + 2), 16))
  return red * 0.299 + green * 0.587 + blue * 0.114 > 140 ? '#000000' : '#ffffff'
}

/** The sixteen colours are pale as grounds: text is read on them. */
function onInverse(ground: Color | null): 'ground' | null {
  return ground === null || sixteenth(ground) === undefined ? 'ground' : null
}

/** The sixteen colours and the two of the log itself have a class each. */
function coloured(of: 'text' | 'ground', colour: Color | 'text' | 'ground' | null): Coloured {
  if (colour === null) return { name: '' }
  const name = typeof colour === 'string' ? colour : sixteenth(colour)
  return name === undefined ? { name: '', value: palette.value(colour as Color) } : { name: `ansi-${of}-${name}` }
}

function sixteenth(colour: Color): number | undefined {
  if (colour.type === 'named') return namedColors.indexOf(colour.name)
  return colour.type === 'table' && colour.index < 16 ? colour.index : undefined
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not come out
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/g
/** Of the picture of NUL; those of the others follow. */
const PICTURES = 0x2400

/** With pictures in place of control characters. As long as before. */
function printable(text: string): string {
  return text.replace(CONTROL, (character) => {
    const code = character.charCodeAt(0)
    if (code === 0x7f) return '\u2421'
    return code < 0x20 ? String.fromCharCode(PICTURES + code) : '\ufffd'
  })
}
