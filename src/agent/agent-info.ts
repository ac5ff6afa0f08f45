import { arch, hostname, platform } from 'node:os'
import { customAlphabet } from 'nanoid'
import { AgentInfo, RELEASE } from '../protocol/index.ts'

const newSuffix = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 6)

/** Go's words, where Node has others. */
const SYSTEMS: Readonly<Record<string, string>> = { win32: 'windows', sunos: 'solaris' }
const PROCESSORS: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', mipsel: 'mipsle' }

/** This machine in Go's words: `linux/amd64`. */
function platformName(): string {
  return `${SYSTEMS[platform()] ?? platform()}/${PROCESSORS[arch()] ?? arch()}`
}

/**
 * What an agent says of itself, with what the user left out: a name that two agents on one machine do not share, and
 * labels `hostname`, `platform`, `backend` and `repo=*` under the user's own. `suffix`: of a name made up. Throws a `TypeError` on what the wire refuses.
 */
export function agentInfo(given: Partial<AgentInfo>, suffix: string = newSuffix()): AgentInfo {
  const host = hostname().slice(0, 64) || 'agent'
  const base = { version: RELEASE, platform: platformName(), backend: 'local', capacity: 1, ...given }
  const own = { hostname: host, platform: base.platform, backend: base.backend, repo: '*' }
  const parsed = AgentInfo.safeParse({
    ...base,
    name: given.name ?? `${host}-${suffix}`,
    labels: { ...own, ...given.labels },
  })
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new TypeError(`agent.${issue?.path.join('.')}: ${issue?.message}`)
}
