import type { Actor } from '../audit.ts'
import type { Store } from '../store.ts'
import { note } from './audit.ts'
import type { OpName } from './ops.ts'
import type { Tx } from './tx.ts'

/** What was done, and to what. */
type Done = { action: string; subjects: readonly string[] }
type Deeds = {
  readonly [Op in OpName]?: (value: Awaited<ReturnType<Store[Op]>>, ...args: Parameters<Store[Op]>) => Done | undefined
}

/** What the trail tells of: under the name that people know it by. */
const DEEDS: Deeds = {
  submit: ({ workflows }) => ({ action: 'submit', subjects: workflows.map(({ id }) => id) }),
  requestCancel: ({ workflows }) => {
    const subjects = workflows.flatMap(({ id, state, already }) => (state === null || already ? [] : [id]))
    return subjects.length === 0 ? undefined : { action: 'cancel', subjects }
  },
  requeue: (_, id) => ({ action: 'requeue', subjects: [id] }),
  setAgent: (_, id) => ({ action: 'agent.set', subjects: [id] }),
  removeAgent: (_, id) => ({ action: 'agent.remove', subjects: [id] }),
  setPaused: (_, paused) => ({ action: paused ? 'queue.pause' : 'queue.resume', subjects: [] }),
  createCredential: ({ id }) => ({ action: 'token.create', subjects: [id] }),
  rotateToken: (_, id) => ({ action: 'token.rotate', subjects: [id] }),
  revokeCredential: (_, id) => ({ action: 'token.revoke', subjects: [id] }),
  issueCode: () => ({ action: 'login.code', subjects: [] }),
  logOut: () => ({ action: 'logout', subjects: [] }),
  enrol: ({ id }) => ({ action: 'enrol', subjects: [id] }),
}

/** In the transaction of the change: no change without its row, and no row without its change. */
export function noteDone(tx: Tx, who: Actor, op: OpName, value: unknown, args: readonly unknown[]): void {
  const deed = DEEDS[op] as ((value: unknown, ...args: readonly unknown[]) => Done | undefined) | undefined
  // The repeat of a key has changed nothing.
  const done = tx.repeated ? undefined : deed?.(value, ...args)
  if (done !== undefined) note(tx, who, { ...done, outcome: 'ok' })
}
