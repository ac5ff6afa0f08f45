/** Labels as they are written in commands: `key=value`. */
export function LabelList({ labels }: { labels: Readonly<Record<string, string>> }) {
  const pairs = Object.entries(labels)
  if (pairs.length === 0) return null
  return (
    <ul class="labels" aria-label="Labels">
      {pairs.map(([name, value]) => (
        <li key={name}>
          {name}={value}
        </li>
      ))}
    </ul>
  )
}
