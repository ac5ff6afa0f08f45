import { useEffect, useState } from 'preact/hooks'
import { note } from './notes.tsx'

/** So long it says that it has copied. */
const SAID_MS = 2_000

/** Copies a text. `what` names it to those who only hear the page. */
export function Copy({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), SAID_MS)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async () => {
    if (await copyText(text)) setCopied(true)
    else note(NO_COPY, 'bad')
  }
  return (
    <button type="button" class="plain copy" aria-label={`Copy ${what}`} onClick={() => void copy()}>
      <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
    </button>
  )
}

export const NO_COPY = 'The browser lets the page copy nothing here: select the text instead.'

/** Whether it was done. Without TLS a browser has no clipboard for pages, but still the command of old. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const area = document.createElement('textarea')
    area.value = text
    document.body.append(area)
    area.select()
    const done = document.execCommand('copy')
    area.remove()
    return done
  }
}
