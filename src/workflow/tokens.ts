import type { CST } from 'yaml'

/** Tokens of a file as they are written, each with how deep it stands. With a list of its own: the depth is not to be trusted. */
export function* walkTokens(top: CST.Token): Generator<{ token: CST.Token; depth: number }> {
  const waiting: { token: CST.Token; depth: number }[] = [{ token: top, depth: 0 }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield next
    const { token, depth } = next
    const within = partsOf(token).map((part) => ({ token: part, depth: token.type === 'document' ? depth : depth + 1 }))
    // Not spread into `push`: there may be more than a call takes.
    for (const part of within.reverse()) waiting.push(part)
  }
}

function partsOf(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return [...token.start, ...(token.value === undefined ? [] : [token.value])]
  if (token.type === 'block-scalar') return token.props
  if (!('items' in token)) return []
  return token.items.flatMap(({ start, key, sep, value }) =>
    [...start, key, ...(sep ?? []), value].filter((part) => part != null),
  )
}
