import type { Labels, Role } from '../../protocol/index.ts'
import { BusError } from '../../protocol/index.ts'
import { NoDial } from '../reasons.ts'
import { ask } from './ask.ts'
import type { Page } from './page.ts'

/** What a page shows for a login: a token that somebody typed, or the code of a link. */
export type Proof = { token: string } | { code: string }

/** Who is logged in. */
export interface Me {
  /** Of the credential. */
  readonly id: string
  /** What it may do. */
  readonly role: Role
  /** For people. */
  readonly name: string
  /** Its scope: empty for all there is. */
  readonly labels: Labels
  /** Milliseconds since 1970: when the login was made, and when it ends unless it is used once more before. */
  readonly login: { readonly created: number; readonly expires: number } | null
}

/**
 * Logs the page in: from then on the browser holds a cookie that no script can read. Rejects with `BusError`: `forbidden`
 * for a token or code that is no good, `rate_limited` after too many of them, `unavailable` without a server.
 */
export function logIn(page: Page, proof: Proof): Promise<Me> {
  return asked(page, 'POST', '/api/login', proof) as Promise<Me>
}

/** Ends the login, in all tabs of the browser. Without one it does nothing. Rejects with `BusError`. */
export async function logOut(page: Page): Promise<void> {
  try {
    await asked(page, 'POST', '/api/logout')
  } catch (error) {
    if (!isLoggedOut(error)) throw error
  }
}

/** Who is logged in, or null for nobody. Rejects with `BusError`. */
export async function whoAmI(page: Page): Promise<Me | null> {
  try {
    return (await asked(page, 'GET', '/api/me')) as Me
  } catch (error) {
    if (isLoggedOut(error)) return null
    throw error
  }
}

async function asked(page: Page, method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
  try {
    return await ask(page, method, path, { body })
  } catch (error) {
    throw error instanceof NoDial ? error.reason : error
  }
}

function isLoggedOut(error: unknown): boolean {
  return error instanceof BusError && error.retry === 'reauth'
}
