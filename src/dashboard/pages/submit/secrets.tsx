interface SecretsProps {
  readonly names: readonly string[]
  readonly values: Readonly<Record<string, string>>
  readonly onChange: (values: Record<string, string>) => void
}

/** Values for the names that the file lists. They are in no draft, and go only to the agent that runs it. */
export function Secrets({ names, values, onChange }: SecretsProps) {
  if (names.length === 0) return null
  return (
    <fieldset class="secrets card">
      <legend>Secrets</legend>
      {names.map((name) => (
        <label key={name}>
          <code>{name}</code>
          <input
            type="password"
            autocomplete="off"
            value={values[name] ?? ''}
            onInput={(event) => onChange({ ...values, [name]: event.currentTarget.value })}
          />
        </label>
      ))}
    </fieldset>
  )
}
