import type { Store } from '../store.ts'
import { agentHolds, agentTotals, getAgent, listAgents, noteConflict, removeAgent, setAgent } from './agents.ts'
import { appendLog } from './append-log.ts'
import { audit, note } from './audit.ts'
import { requestCancel } from './cancel.ts'
import { listCredentials } from './credential-views.ts'
import { createCredential, endedCredential, findCredential, namedCredential, revokeCredential } from './credentials.ts'
import { enrol } from './enrolments.ts'
import { extend } from './extend.ts'
import { finish } from './finish.ts'
import { disconnected, health, hello, noteRoundTrip, register, unregister } from './hello.ts'
import { receipt } from './intents.ts'
import { list } from './list.ts'
import { logIn } from './log-in.ts'
import { issueCode, issueTicket, takeTicket } from './login-secrets.ts'
import { findLogin, logOut, useLogins } from './logins.ts'
import { accept, decline, offer } from './offers.ts'
import { prune } from './prune.ts'
import { loadQueue, queueInfo, setPaused } from './queue.ts'
import { readLogs } from './read-logs.ts'
import { requeue } from './requeue.ts'
import { rotateToken } from './rotation.ts'
import { searchLogs } from './search-logs.ts'
import { submit } from './submit.ts'
import { sweep } from './sweep.ts'
import { noteUse } from './tokens.ts'
import type { Tx } from './tx.ts'
import { update } from './update.ts'
import { get } from './views.ts'

/** What a store does; the rest of its interface is about the store itself. */
export type OpName = Exclude<keyof Store, 'as' | 'onChange' | 'onBatch' | 'close'>

type Ops = { [Name in OpName]: (tx: Tx, ...args: Parameters<Store[Name]>) => Awaited<ReturnType<Store[Name]>> }

/** Every operation: checks first, then writes, so that a refused one has written nothing. */
export const OPS: Ops = {
  findCredential,
  endedCredential,
  namedCredential,
  createCredential,
  listCredentials,
  revokeCredential,
  rotateToken,
  enrol,
  noteUse,
  issueCode,
  logIn,
  findLogin,
  useLogins,
  logOut,
  issueTicket,
  takeTicket,
  note,
  audit,
  hello,
  disconnected,
  register,
  unregister,
  health,
  noteRoundTrip,
  noteConflict,
  setAgent,
  removeAgent,
  agentHolds,
  listAgents,
  getAgent,
  agentTotals,
  submit,
  offer,
  decline,
  accept,
  update,
  extend,
  finish,
  requestCancel,
  receipt,
  requeue,
  setPaused,
  sweep,
  prune,
  loadQueue,
  get,
  list,
  queueInfo,
  appendLog,
  readLogs,
  searchLogs,
}
