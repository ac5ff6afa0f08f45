import type { Mistake, Planned, Verdict } from '../../model/submission.ts'

export function VerdictBox({ verdict, onLine }: { verdict: Verdict; onLine: (line: number) => void }) {
  return (
    <section id="verdict" class={`verdict card verdict-${verdict.state}`} aria-live="polite">
      <Said verdict={verdict} onLine={onLine} />
    </section>
  )
}

function Said({ verdict, onLine }: { verdict: Verdict; onLine: (line: number) => void }) {
  switch (verdict.state) {
    case 'empty':
      return <p class="quiet">The server checks the file while you write.</p>
    case 'asking':
      return <p class="quiet">Checking …</p>
    case 'unknown':
      return <p>The server could not be asked: {verdict.why}.</p>
    case 'good':
      return <Plan workflows={verdict.workflows} />
    case 'wrong':
      return (
        <>
          <h2>{verdict.mistakes.length === 1 ? 'One mistake' : `${verdict.mistakes.length} mistakes`}</h2>
          <ul>
            {verdict.mistakes.map((mistake) => (
              <li key={`${mistake.line} ${mistake.column} ${mistake.message}`}>
                <MistakeLine mistake={mistake} onLine={onLine} />
              </li>
            ))}
          </ul>
        </>
      )
  }
}

function MistakeLine({ mistake, onLine }: { mistake: Mistake; onLine: (line: number) => void }) {
  const { line, column, message } = mistake
  if (line === undefined) return <>{message}</>
  return (
    <>
      <button type="button" class="plain" onClick={() => onLine(line)}>
        Line {line}
        {column !== undefined && `:${column}`}
      </button>{' '}
      {message}
    </>
  )
}

function Plan({ workflows }: { workflows: readonly Planned[] }) {
  return (
    <>
      <h2>{workflows.length === 1 ? 'One workflow' : `${workflows.length} workflows`}</h2>
      <ul>
        {workflows.map(({ name, steps }, at) => (
          <li key={at}>
            <strong>{name}</strong> <span class="quiet">{steps.join(', ')}</span>
          </li>
        ))}
      </ul>
    </>
  )
}
