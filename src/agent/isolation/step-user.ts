import { readFile } from 'node:fs/promises'
import { IsolationError } from './isolation-error.ts'
import { runAs } from './run-as.ts'

/** Whom the steps of a workflow run as. */
export interface StepUser {
  /** As it was named. */
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** The last number that is nobody's by convention comes after these. */
const LAST_UID = 4_294_967_293
/** More than an agent can have work for is a slip of the pen. */
const LARGEST_RANGE = 1_024

/** Users by name, by number, or by a range of numbers such as `200000-200063`. Throws for what is no user for steps. */
export async function readUsers(words: readonly string[]): Promise<StepUser[]> {
  const groups = await groupsByUid()
  const users = await Promise.all(words.map((word) => (/^\d/.test(word) ? numbered(word, groups) : named(word))))
  const all: StepUser[] = []
  for (const user of users.flat()) {
    if (user.uid === 0 || user.gid === 0) throw new IsolationError(`${user.name} has root's rights: not for steps`)
    all.push(user)
  }
  refuseTwins(all, 'uid', 'are the same user')
  // A workspace is passed through by its user's group.
  refuseTwins(all, 'gid', 'have the same group, and each needs one to itself')
  return all
}

function refuseTwins(users: readonly StepUser[], by: 'uid' | 'gid', why: string): void {
  const seen = new Map<number, string>()
  for (const user of users) {
    const twin = seen.get(user[by])
    if (twin !== undefined) throw new IsolationError(`${twin} and ${user.name} ${why}`)
    seen.set(user[by], user.name)
  }
}

function numbered(word: string, groups: ReadonlyMap<number, number>): StepUser[] {
  const [, first = '', last = first] = /^(\d+)(?:-(\d+))?$/.exec(word) ?? []
  const [from, to] = [Number(first), Number(last)]
  if (first === '' || from > to || to > LAST_UID) throw new IsolationError(`${word} is no user and no range of numbers`)
  if (to - from >= LARGEST_RANGE) throw new IsolationError(`${word} is more than ${LARGEST_RANGE} users`)
  return Array.from({ length: to - from + 1 }, (_, index) => {
    const uid = from + index
    // Without an account there is no group either: one of the same number.
    return { name: String(uid), uid, gid: groups.get(uid) ?? uid }
  })
}

async function named(name: string): Promise<StepUser> {
  // `id` asks whatever directory this machine has its accounts from.
  const [uid, gid] = await Promise.all(['-u', '-g'].map((what) => runAs(undefined, 'id', [what, '--', name])))
  if (uid?.code !== 0 || gid?.code !== 0) throw new IsolationError(`there is no user ${JSON.stringify(name)} here`)
  return { name, uid: Number(uid.out), gid: Number(gid.out) }
}

async function groupsByUid(): Promise<ReadonlyMap<number, number>> {
  const accounts = await readFile('/etc/passwd', 'utf8').catch(() => '')
  return new Map(
    accounts.split('\n').map((line) => {
      const [, , uid, gid] = line.split(':')
      return [Number(uid), Number(gid)]
    }),
  )
}
