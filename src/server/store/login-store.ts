import type { Credential } from './credential.ts'

/** A page's way in, for as long as its cookie is good. */
export interface Login {
  id: string
  /** In whose name: its rights, and its end. Never an agent's. */
  credential: Credential
  created: number
  /** When it ends, unless it is used once more before. */
  expires: number
}

/** What is shown for a login: the hash of a token, or of a code that was made for it. */
export type Proof = { token: string } | { code: string }

export interface LoginAsk {
  proof: Proof
  /** Hash of the cookie that will stand for it. */
  cookie: string
  /** Hash of the cookie that the page had: the new login takes the place of that one. */
  before: string | undefined
  /** Where it comes from, for the audit trail. */
  address: string
}

/** Logins of pages. The store knows every secret by its hash only, and drops all of them with their credential. */
export interface LoginStore {
  /** A code that logs in once, within ten minutes. Answers when it lapses. */
  issueCode(credentialId: string, code: string): Promise<{ expires: number }>
  /**
   * Null for a proof that is no good, or an agent's. A code is used up by it. Beyond the most of one credential, the login
   * that was not used for longest ends.
   */
  logIn(ask: LoginAsk): Promise<Login | null>
  /** The login that this cookie stands for. By this it is used, so it ends later. */
  findLogin(cookie: string): Promise<Login | null>
  /** Used just now, each by a page that is connected. */
  useLogins(ids: readonly string[]): Promise<void>
  /** Ends it. One that has ended is no error. */
  logOut(id: string): Promise<void>
  /** A ticket for one connection of this login, within half a minute. `forbidden` once the login has ended. */
  issueTicket(login: string, ticket: string): Promise<void>
  /** Uses a ticket up; whether it was good, and this login's. */
  takeTicket(login: string, ticket: string): Promise<boolean>
}
