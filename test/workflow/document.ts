import { readFileSync } from 'node:fs'

/** A YAML block of `docs/workflows.md`. */
export interface Block {
  /** The heading it stands under, and its line, for the name of a test. */
  readonly where: string
  readonly text: string
  /** A whole file, to be run; otherwise a piece of one. */
  readonly runs: boolean
}

export const DOCUMENT = readFileSync(new URL('../../docs/workflows.md', import.meta.url), 'utf8')

export function blocks(): Block[] {
  return [...DOCUMENT.matchAll(/^```yaml(?<runs> run)?\n(?<text>.*?)^```$/gms)].map(({ index, groups }) => {
    const before = DOCUMENT.slice(0, index)
    const heading =
      before
        .match(/^#+ .*$/gm)
        ?.at(-1)
        ?.replace(/^#+ /, '') ?? ''
    return {
      where: `${heading}, line ${before.split('\n').length}`,
      text: groups?.text ?? '',
      runs: groups?.runs !== undefined,
    }
  })
}

/** What a block says of itself: `# expect: success`. */
export function said({ text }: Block, key: string): string | undefined {
  return new RegExp(`^# ${key}: (.*)$`, 'm').exec(text)?.[1]
}
