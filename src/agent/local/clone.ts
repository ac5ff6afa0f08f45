import type { Clone } from '../../protocol/index.ts'
import { quote } from './script.ts'

/** Names one commit for good. */
const HASH = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i

/**
 * What fills the working directory with a repository, for `sh`. A branch comes as people know it from `git clone`; what
 * that does not take, a hash or a full `refs/…`, is fetched, and stands without a branch.
 */
export function cloneCommands({ url, ref, depth = 1 }: Clone): string[] {
  const limit = depth === 0 ? '' : ` --depth ${depth}`
  if (ref === undefined) return [`git clone${limit} -- ${wordOf(url)} .`]
  const hash = HASH.test(ref)
  if (!hash && !ref.startsWith('refs/')) return [`git clone${limit} --branch ${wordOf(ref)} -- ${wordOf(url)} .`]
  // By its hash a commit is given only by servers of some age. Whoever wants all of the history can do without.
  const everything = hash && depth === 0
  return [
    'git init --quiet .',
    `git remote add origin ${wordOf(url)}`,
    everything ? 'git fetch --tags origin' : `git fetch${limit} origin ${wordOf(ref)}`,
    `git checkout --quiet --detach ${everything ? wordOf(ref) : 'FETCH_HEAD'}`,
  ]
}

/** What `git` is told by its environment: to ask nobody, and the secret, which so is in no list of arguments and no file. */
export function cloneEnvironment(
  { url, secret }: Clone,
  secrets: Readonly<Record<string, string>>,
): Record<string, string> {
  const plain = { GIT_TERMINAL_PROMPT: '0' }
  if (secret === undefined) return { ...plain, ...configOf([ADVICE]) }
  const { origin, username } = new URL(url)
  return {
    ...plain,
    ...configOf([
      ADVICE,
      // The machine's own helpers would be asked first, and told to keep what worked.
      ['credential.helper', ''],
      // Only for this server: it may send git on to another.
      [`credential.${origin}.helper`, HELPER],
    ]),
    DRUMLINE_GIT_USER: decodeURIComponent(username) || 'git',
    // A value read from a file ends with a newline.
    DRUMLINE_GIT_SECRET: secrets[secret]?.trim() ?? '',
  }
}

const ADVICE: readonly [string, string] = ['advice.detachedHead', 'false']

const HELPER =
  '!f() { if [ "$1" = get ]; then printf "username=%s\\npassword=%s\\n" "$DRUMLINE_GIT_USER" "$DRUMLINE_GIT_SECRET"; fi; }; f'

function configOf(settings: readonly (readonly [key: string, value: string])[]): Record<string, string> {
  const pairs = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ])
  return Object.fromEntries([['GIT_CONFIG_COUNT', String(settings.length)], ...pairs])
}

/** One word to `sh`, in quotes only where it needs them: people read it. */
function wordOf(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : quote('posix', text)
}
