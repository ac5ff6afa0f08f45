/** Steps cannot be kept apart as was asked: the message says what is missing, and how to get it. */
export class IsolationError extends Error {
  override readonly name = 'IsolationError'
}
