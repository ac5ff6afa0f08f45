import type { RefObject } from 'preact'
import type { Submission } from '../../model/submission.ts'

/** The file, with the numbers of its lines beside it; those with mistakes are marked. */
export function Editor({ submission, area }: { submission: Submission; area: RefObject<HTMLTextAreaElement | null> }) {
  const text = submission.text.value
  const verdict = submission.verdict.value
  const mistakes = verdict.state === 'wrong' ? verdict.mistakes : []
  const marked = new Set(mistakes.map(({ line }) => line))
  const lines = text.split('\n').length
  return (
    <div class="editor card">
      <div class="editor-scroll">
        <ol class="editor-lines" aria-hidden="true">
          {Array.from({ length: lines }, (_, at) => (
            <li key={at} class={marked.has(at + 1) ? 'editor-wrong' : ''}>
              {at + 1}
            </li>
          ))}
        </ol>
        <textarea
          ref={area}
          class="editor-text"
          aria-label="Workflow file, YAML"
          aria-describedby="verdict"
          aria-invalid={mistakes.length > 0}
          rows={Math.max(24, lines + 2)}
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          wrap="off"
          placeholder="Write or paste a workflow file here."
          value={text}
          onInput={(event) => submission.write(event.currentTarget.value)}
        />
      </div>
    </div>
  )
}

/** Puts the cursor on a line. */
export function selectLine(area: HTMLTextAreaElement | null, line: number): void {
  if (area === null) return
  const before = area.value.split('\n').slice(0, line - 1)
  const start = before.reduce((sum, text) => sum + text.length + 1, 0)
  const end = area.value.indexOf('\n', start)
  area.focus()
  area.setSelectionRange(start, end < 0 ? area.value.length : end)
}
