/** Why a connection failed, in what Node says of it: an attempt on several addresses has an empty message and several reasons. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return reasonOf(error.errors[0])
  if (!(error instanceof Error)) return String(error)
  return error.message !== '' ? error.message : ((error as NodeJS.ErrnoException).code ?? 'unknown error')
}

const LONGEST = 120

/** What somebody unknown has written, fit for one line of a terminal or a log. */
export function quoted(text: string): string {
  const plain = text.replaceAll(/[\p{C}\s]+/gu, ' ').trim()
  return `"${plain.length > LONGEST ? `${plain.slice(0, LONGEST)}…` : plain}"`
}
