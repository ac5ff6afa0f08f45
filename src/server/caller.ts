import type { Login } from './store/login-store.ts'
import type { Credential } from './store/store.ts'

/** Who was let in: a machine by its token, or a page by its login. */
export interface Caller {
  readonly credential: Credential
  readonly login: Login | null
  /** Where from, as far as that can be believed; '' for this process. */
  readonly address: string
}
