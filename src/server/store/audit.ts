import type { ResultOf, Role } from '../../protocol/index.ts'

/** Somebody who does something, for the audit trail. */
export interface Actor {
  /** Null: the server itself. */
  credentialId: string | null
  name: string
  role: Role | 'server'
  /** Where they come from; '' for this process. */
  address: string
}

/** What nobody asked for. */
export const ITSELF: Actor = { credentialId: null, name: 'server', role: 'server', address: '' }

/** Something that was done or refused, and is no change of the store. */
export interface Deed {
  action: string
  /** Ids. */
  subjects: readonly string[]
  /** `ok`, or why not. */
  outcome: string
  /** The same so often, up to now; `since` the first of them. */
  times?: number
  since?: number
}

export interface AuditStore {
  /** Notes what is no change of the store. */
  note(who: Actor, deed: Deed): Promise<void>
  /** Newest first. */
  audit(page: {
    since?: number | undefined
    credential?: string | undefined
    action?: string | undefined
    limit: number
    before?: string | undefined
  }): Promise<ResultOf<'audit'>>
}
