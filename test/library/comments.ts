import type { Node } from 'oxc-parser'
import type { Source } from '../architecture/sources.ts'

/** The text of the `/** … *\/` comment that stands right before a node, without its stars; undefined if there is none. */
export function commentBefore({ text, comments }: Source, node: Node): string | undefined {
  const comment = comments.find(({ type, value, end }) => {
    return type === 'Block' && value.startsWith('*') && end <= node.start && text.slice(end, node.start).trim() === ''
  })
  return comment?.value.replace(/^\s*\*+ ?/gm, '').trim()
}

/** Up to its first full stop, on one line. */
export function firstSentence(comment: string): string {
  const line = comment.replace(/\s+/g, ' ')
  return /^.*?[.!?](?= [A-Z`]|$)/.exec(line)?.[0] ?? line
}
