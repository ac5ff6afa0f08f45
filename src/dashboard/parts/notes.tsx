import { signal } from '@preact/signals'

interface Note {
  readonly id: number
  readonly text: string
  readonly tone: 'good' | 'bad'
}

/** Long enough to be read twice. Bad ones stay until they are closed. */
const SHOWN_MS = 8_000

const notes = signal<readonly Note[]>([])
let count = 0

/** Tells the reader something that no place on the page tells. */
export function note(text: string, tone: Note['tone'] = 'good'): void {
  const id = ++count
  notes.value = [...notes.value.slice(-3), { id, text, tone }]
  if (tone === 'good') setTimeout(() => close(id), SHOWN_MS)
}

function close(id: number): void {
  notes.value = notes.value.filter((other) => other.id !== id)
}

export function Notes() {
  return (
    <div class="notes" aria-live="polite">
      {notes.value.map(({ id, text, tone }) => (
        <p key={id} class={`note note-${tone}`}>
          {text}
          <button type="button" class="plain" aria-label="Close" onClick={() => close(id)}>
            ×
          </button>
        </p>
      ))}
    </div>
  )
}
