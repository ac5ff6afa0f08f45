import { describe } from 'vitest'
import { attempts } from './attempts.ts'
import { cancel } from './cancel.ts'
import { changes } from './changes.ts'
import { choosing } from './choosing.ts'
import { claims } from './claims.ts'
import { credentials } from './credentials.ts'
import { dependencies } from './dependencies.ts'
import { expiry } from './expiry.ts'
import { finding } from './finding.ts'
import { keep } from './keep.ts'
import { lists } from './lists.ts'
import { logins } from './logins.ts'
import { logs } from './logs.ts'
import { offers } from './offers.ts'
import { random } from './random.ts'
import { requeue } from './requeue.ts'
import { restart } from './restart.ts'
import { sessions } from './sessions.ts'
import { submit } from './submit.ts'
import { tokens } from './tokens.ts'
import type { OpenStore } from './world.ts'
import { writes } from './writes.ts'

const SUITES = {
  credentials,
  tokens,
  logins,
  sessions,
  claims,
  submit,
  offers,
  writes,
  attempts,
  dependencies,
  cancel,
  requeue,
  expiry,
  logs,
  lists,
  choosing,
  finding,
  keep,
  changes,
  restart,
  random,
}

/** What every store must do, whichever database it keeps. */
export function contract(open: OpenStore, names = Object.keys(SUITES) as (keyof typeof SUITES)[]): void {
  for (const name of names) describe(name, () => SUITES[name](open))
}
