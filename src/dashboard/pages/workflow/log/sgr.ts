import { replaceEscapes } from '../../../../protocol/index.ts'

/** One thing that a terminal is told about colours: what it is about, and its code. */
interface Setting {
  readonly slot: string
  readonly code: string
}

const PARAMETERS = 64
const EXTENDED = new Set([38, 48, 58])

/**
 * A text whose escape sequences all say one thing about colours: what else they can do to a terminal is left out, and so
 * is what is not whole. The parser takes what it is given for colours, up to the next `m`, and of several at once the
 * ends first.
 */
export function onlyColours(text: string): string {
  return replaceEscapes(text, (sequence) => settingsOf(sequence).map(write).join(''))
}

export function write({ code }: Setting): string {
  return `\x1b[${code}m`
}

/** What one escape sequence says about colours; of all the others nothing. */
export function settingsOf(sequence: string): Setting[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what it looks for
  const [, given] = /^\x1b\[([\d;:]*)m$/.exec(sequence) ?? []
  if (given === undefined) return []
  const parameters = given.split(';', PARAMETERS)
  const settings: (Setting | undefined)[] = []
  for (let at = 0; at < parameters.length; at++) {
    const parameter = parameters[at] ?? ''
    const code = Number.parseInt(parameter || '0', 10)
    if (!EXTENDED.has(code)) settings.push(plain(code, parameter))
    else if (parameter.includes(':')) settings.push(colour(code, withColons(parameter)))
    else {
      const used = numbersAfter(parameters[at + 1])
      settings.push(colour(code, parameters.slice(at + 1, at + 1 + used)))
      at += used
    }
  }
  return settings.filter((setting) => setting !== undefined)
}

/** `38:5:N`, `38:2:R:G:B`, or with the colour space that nobody gives: `38:2::R:G:B`. */
function withColons(parameter: string): string[] {
  const [, mode = '', ...numbers] = parameter.split(':')
  return [mode, ...(mode === '2' ? numbers.slice(-3) : numbers)]
}

/** How many parameters a colour takes: its mode, and the numbers of that. */
function numbersAfter(mode: string | undefined): number {
  return mode === '2' ? 4 : mode === '5' ? 2 : 1
}

function colour(code: number, [mode, ...numbers]: readonly string[]): Setting | undefined {
  const isWhole = numbers.length === (mode === '2' ? 3 : 1) && (mode === '2' || mode === '5')
  if (code === 58 || !isWhole || !numbers.every((number) => /^\d{0,3}$/.test(number) && Number(number) < 256))
    return undefined
  return { slot: code === 38 ? 'text' : 'ground', code: [code, mode, ...numbers.map(Number)].join(';') }
}

function plain(code: number, parameter: string): Setting | undefined {
  if (code === 4 && parameter === '4:0') return { slot: 'underline', code: '24' }
  if (code === 21) return { slot: 'underline', code: '4' }
  const slot = SLOTS.find(([from, to]) => code >= from && code <= to)?.[2]
  return slot === undefined ? undefined : { slot, code: String(code) }
}

const SLOTS: readonly (readonly [from: number, to: number, slot: string])[] = [
  [0, 0, 'all'],
  [1, 1, 'bold'],
  [2, 2, 'dim'],
  [22, 22, 'weight'],
  [3, 3, 'italic'],
  [23, 23, 'italic'],
  [4, 4, 'underline'],
  [24, 24, 'underline'],
  [7, 7, 'inverse'],
  [27, 27, 'inverse'],
  [9, 9, 'strike'],
  [29, 29, 'strike'],
  [30, 37, 'text'],
  [39, 39, 'text'],
  [90, 97, 'text'],
  [40, 47, 'ground'],
  [49, 49, 'ground'],
  [100, 107, 'ground'],
]
