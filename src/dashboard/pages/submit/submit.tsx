import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { go, hrefOf } from '../../model/route.ts'
import { Submission } from '../../model/submission.ts'
import { Act } from '../../parts/act.tsx'
import { note } from '../../parts/notes.tsx'
import { useTitle } from '../../parts/use-title.ts'
import { usePlace } from '../../shell/place.ts'
import { Editor, selectLine } from './editor.tsx'
import { Secrets } from './secrets.tsx'
import { VerdictBox } from './verdict.tsx'

const EXAMPLE = `name: hello
steps:
  greet:
    commands:
      - echo "Hello from $CI_WORKFLOW_NAME"
  count:
    commands: for i in 1 2 3; do echo $i; sleep 1; done
`

export function Submit() {
  const { operates } = usePlace()
  const submission = useMemo(() => new Submission(), [])
  useEffect(() => () => submission.close(), [submission])
  const [secrets, setSecrets] = useState<Record<string, string>>({})
  const area = useRef<HTMLTextAreaElement>(null)
  useTitle('Submit')
  const verdict = submission.verdict.value
  const wanted = verdict.state === 'good' ? [...new Set(verdict.workflows.flatMap((one) => one.secrets))] : []
  const missing = wanted.filter((name) => (secrets[name] ?? '') === '')
  const ready = operates && verdict.state === 'good' && missing.length === 0
  const submit = async () => {
    const [first, ...others] = await submission.submit(
      Object.fromEntries(wanted.map((name) => [name, secrets[name] ?? ''])),
    )
    if (others.length > 0) note(`${others.length + 1} workflows were submitted.`)
    go(first !== undefined && others.length === 0 ? hrefOf('workflows', first) : hrefOf('workflows'))
  }
  return (
    <>
      <div class="head">
        <h1>Submit a workflow</h1>
        <div class="acts">
          <button type="button" onClick={() => submission.write(EXAMPLE)}>
            Begin with an example
          </button>
          <OpenFile onText={(text) => submission.write(text)} />
        </div>
      </div>
      {!operates && <p class="note">You may look, but not submit: that takes an operator.</p>}
      <div class="submit">
        <Editor submission={submission} area={area} />
        <div class="submit-side">
          <VerdictBox verdict={verdict} onLine={(line) => selectLine(area.current, line)} />
          <Secrets names={wanted} values={secrets} onChange={setSecrets} />
          <Act kind="main" onAct={submit} disabled={!ready} title={whyNot(operates, verdict.state, missing)}>
            Submit
          </Act>
        </div>
      </div>
    </>
  )
}

function whyNot(operates: boolean, state: string, missing: readonly string[]): string | undefined {
  if (!operates) return 'submitting takes an operator'
  if (state !== 'good') return 'the file must be right first'
  return missing.length > 0 ? `a value is missing: ${missing.join(', ')}` : undefined
}

function OpenFile({ onText }: { onText: (text: string) => void }) {
  const open = async (input: HTMLInputElement) => {
    const text = await input.files?.[0]?.text()
    if (text !== undefined) onText(text)
    // The same file again is a change too.
    input.value = ''
  }
  return (
    <label class="button file">
      Open a file
      <input type="file" class="unseen" accept=".yaml,.yml" onChange={(event) => void open(event.currentTarget)} />
    </label>
  )
}
