import { useState } from 'preact/hooks'
import { type Session, wordsOf } from '../model/session.ts'

export function LoginPage({ session, why }: { session: Session; why: string }) {
  const [trouble, setTrouble] = useState('')
  const [busy, setBusy] = useState(false)
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const token = String(new FormData(event.currentTarget as HTMLFormElement).get('token') ?? '').trim()
    setTrouble(token === '' ? 'Type or paste a token.' : '')
    if (token === '') return
    setBusy(true)
    try {
      await session.logIn({ token })
    } catch (error) {
      setTrouble(sentenceOf(wordsOf(error)))
      setBusy(false)
    }
  }
  return (
    <main class="login">
      <form class="card" onSubmit={(event) => void submit(event)}>
        <h1>Drumline</h1>
        {why !== '' && (
          <p class="note" role="status">
            {why}
          </p>
        )}
        <label for="token">Token</label>
        <input
          id="token"
          name="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          aria-describedby="token-help token-trouble"
          aria-invalid={trouble !== ''}
        />
        <p id="token-trouble" class="trouble" role="alert">
          {trouble}
        </p>
        <button type="submit" class="main" disabled={busy}>
          {busy ? 'Asking …' : 'Log in'}
        </button>
        <p id="token-help" class="quiet">
          The token of an operator, a viewer or the admin. Or use the one-click link that <code>drumline login</code>{' '}
          prints. The browser keeps a cookie, never the token.
        </p>
      </form>
    </main>
  )
}

function sentenceOf(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? '' : '.'}`
}
