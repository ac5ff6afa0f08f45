import type { Complete } from '../model/complete.ts'
import type { Row } from '../model/rows.ts'

/** Told where some may be missing, since they could not be read. */
export function NotAll<T extends Row>({ of }: { of: Complete<T> }) {
  if (of.trouble.value === '') return null
  return (
    <p class="note note-bad" role="alert">
      Not all could be read: {of.trouble.value}.{' '}
      <button type="button" class="plain" onClick={() => of.begin()}>
        Try again
      </button>
    </p>
  )
}
