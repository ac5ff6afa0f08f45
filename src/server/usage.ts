import type { Clock } from '../protocol/index.ts'
import type { Connections } from './connections.ts'
import type { Owed } from './owed.ts'
import type { CredentialStore } from './store/credential.ts'
import type { LoginStore } from './store/login-store.ts'

const NOTE_MS = 60_000

interface UsageOptions {
  connections: Connections
  store: Pick<CredentialStore, 'noteUse'> & Pick<LoginStore, 'useLogins'>
  clock: Clock
  owed: Owed
}

/** Whoever is connected uses its credential, and a page its login: noted once a minute for all of them, in one write. */
export class Usage {
  readonly #options: UsageOptions
  #cancel: () => void = () => {}

  constructor(options: UsageOptions) {
    this.#options = options
  }

  start(): void {
    this.#cancel = this.#options.clock.after(NOTE_MS, () => {
      this.#note()
      this.start()
    })
  }

  stop(): void {
    this.#cancel()
  }

  #note(): void {
    const { connections, store, owed } = this.#options
    const ids = new Set(connections.all().flatMap(({ caller }) => caller.credential.token ?? []))
    if (ids.size > 0) owed.add('noting which tokens are in use', store.noteUse([...ids]))
    const logins = new Set(connections.all().flatMap(({ caller }) => caller.login?.id ?? []))
    if (logins.size > 0) owed.add('noting which logins are in use', store.useLogins([...logins]))
  }
}
