/** Of longer words nobody asks what was meant, and comparing them costs. */
const LONGEST = 60

/** Words that people coming from elsewhere write for ours. */
const WORDS: Record<string, string> = {
  command: 'commands',
  script: 'commands',
  run: 'commands',
  env: 'environment',
  variables: 'environment',
  needs: 'depends_on',
  workdir: 'directory',
  cwd: 'directory',
  shell: 'image',
  allow_failure: 'failure',
  continue_on_error: 'failure',
  background: 'detach',
  settings: 'commands',
  pipeline: 'steps',
  jobs: 'steps',
  tags: 'labels',
  if: 'when',
  retries: 'max_attempts',
  retry: 'max_attempts',
}

/** The candidate that was probably meant, or undefined. */
export function nearest<W extends string>(word: string, candidates: readonly W[]): W | undefined {
  const plain = word.toLowerCase().replaceAll('-', '_')
  const known = Object.hasOwn(WORDS, plain) ? WORDS[plain] : undefined
  const found = candidates.find((candidate) => candidate === known)
  if (found !== undefined) return found
  if (plain.length > LONGEST) return undefined
  const most = Math.min(2, Math.floor(plain.length / 3))
  const scored = candidates.map((candidate) => ({ candidate, far: distance(plain, candidate.toLowerCase()) }))
  scored.sort((a, b) => a.far - b.far)
  const [best] = scored
  return best !== undefined && best.far <= most ? best.candidate : undefined
}

/** `; did you mean …?` ready to be put behind a sentence, or nothing. */
export function didYouMean(meant: string | undefined): string {
  return meant === undefined ? '' : `; did you mean \`${meant}\`?`
}

/** Edits from one word to the other; two letters changed round count as one. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min((row[j - 1] ?? 0) + 1, (above[j] ?? 0) + 1, (above[j - 1] ?? 0) + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1)
      row.push(least)
    }
    before = above
    above = row
  }
  return above[b.length] ?? 3
}
