/**
 * How text is looked for, so that whoever marks what the server found looks for it in the same way. Both keep the lines of
 * a text as they are.
 */

/** What a workflow is found by. */
interface Findable {
  readonly id: string
  readonly name: string
  readonly agent: string | null
  readonly labels: Readonly<Record<string, string>>
}

/** Whether name, id, agent or a label as `key=value` holds a text, which the caller has folded. */
export function mentions({ id, name, agent, labels }: Findable, folded: string): boolean {
  const words = [name, id, agent ?? '', ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)]
  return words.some((word) => foldCase(word).includes(folded))
}

/** Colours, links, titles and moves of a terminal. None goes on into the next line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what it looks for
const ESCAPE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)|[ -/]*[0-~])?/g

/** A text as one sees it, without escape sequences. */
export function visibleText(text: string): string {
  return replaceEscapes(text, () => '')
}

/** With something else in the place of each escape sequence. One that is cut off is what is left of it. */
export function replaceEscapes(text: string, by: (sequence: string) => string): string {
  return text.includes('\x1b') ? text.replace(ESCAPE, by) : text
}

/** Equal for texts that differ in large and small letters alone. It may be longer than the text. */
export function foldCase(text: string): string {
  // The one small letter whose form depends on its place in the word.
  return text.toLowerCase().replaceAll('ς', 'σ')
}
