import { Case } from './case.ts'
import { checkClock } from './clock.ts'
import type { CheckName } from './faults.ts'
import { type Finding, failed, type Outcome, untried } from './finding.ts'
import { checkIdle } from './idle.ts'
import { checkLarge } from './large.ts'
import type { Patient } from './patient.ts'
import { checkPush } from './push.ts'
import { checkServer } from './server.ts'
import { checkTls } from './tls.ts'
import { checkCredential, checkSubprotocol, checkUpgrade } from './upgrade.ts'
import { checkConnection, checkName, checkProxy, checkTunnel } from './way.ts'
import { checkWelcome } from './welcome.ts'

type Check = (one: Case) => Promise<Outcome>

/** Each leads to the next: behind one that fails nothing can be seen. */
const WAY: readonly (readonly [CheckName, Check])[] = [
  ['proxy', checkProxy],
  ['name', checkName],
  ['connection', checkConnection],
  ['tunnel', checkTunnel],
  ['tls', checkTls],
  ['server', checkServer],
  ['upgrade', checkUpgrade],
  ['subprotocol', checkSubprotocol],
  ['credential', checkCredential],
  ['welcome', checkWelcome],
]

/** How it is to live there: each by itself. */
const STAY: readonly (readonly [CheckName, Check])[] = [
  ['clock', checkClock],
  ['large', checkLarge],
  ['push', checkPush],
  ['idle', checkIdle],
]

/**
 * Looks at everything between here and a server, from the nearest outwards, and tells each finding as it is made. Leaves
 * nothing behind there. Never throws.
 */
export async function* examine(patient: Patient): AsyncGenerator<Finding> {
  const one = new Case(patient)
  let rest: string | undefined
  try {
    for (const [name, check] of WAY) {
      const finding = await make(name, check, one, rest)
      if (finding.status === 'failed') rest = `${name} failed`
      else if ('rest' in finding) rest = finding.rest
      yield finding
    }
    for (const [name, check] of STAY) yield await make(name, check, one, rest)
  } finally {
    one.close()
  }
}

async function make(check: CheckName, look: Check, one: Case, rest: string | undefined): Promise<Finding> {
  const started = performance.now()
  const outcome = rest === undefined ? await look(one).catch(unforeseen) : untried(rest)
  return { check, ...outcome, ms: Math.round(performance.now() - started) }
}

/** What had just worked, and does not any more. */
function unforeseen(error: unknown): Outcome {
  const found = error instanceof Error ? error.message : String(error)
  return failed('lost', found, 'it worked a moment ago: try again, and see whether it does so always')
}
