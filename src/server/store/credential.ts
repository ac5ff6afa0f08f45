import type { Labels, ResultOf, Role } from '../../protocol/index.ts'
import type { Actor } from './audit.ts'

export interface Credential {
  id: string
  role: Role
  name: string
  labels: Labels
  /** Of its tokens the one that was shown; null where none was. */
  token: number | null
  /** When that one ends; missing: never. */
  expires?: number
}

export interface NewCredential extends Omit<Credential, 'id' | 'token'> {
  tokenHash: string
  /** From now; null or missing: never. */
  expiresMs?: number | null
}

export interface Rotation {
  tokenHash: string
  /** The tokens before it are good so much longer; 0: no longer. */
  overlapMs: number
  /** From now; null: never; missing: as long as the one before it was made for. */
  expiresMs?: number | null | undefined
}

export interface Rotated {
  /** When the tokens before it end. */
  overlap: Date
  expires: Date | null
}

/** Who may come in. */
export interface CredentialStore {
  /** The credential one of whose tokens hashes to this, unless that has ended. */
  findCredential(tokenHash: string): Promise<Credential | null>
  /** Whose token it was that is good no longer, and why it is not. */
  endedCredential(tokenHash: string): Promise<(Actor & { how: 'revoked' | 'expired' }) | null>
  /** One of this role and name, with a good token. */
  namedCredential(role: Role, name: string): Promise<Credential | null>
  /** `bad_request` with `reauth`: the token is known, whether it is good or not. */
  createCredential(ask: NewCredential): Promise<Credential>
  listCredentials(page: { limit: number; after?: string | undefined }): Promise<ResultOf<'token.list'>>
  /**
   * Ends a credential: from this commit on nothing is written in the name of its agents, and their work goes back to the
   * queue. `not_found`; `bad_request` for the last admin.
   */
  revokeCredential(id: string): Promise<void>
  /** Another token for a credential, also for one that has expired. `not_found`; `bad_request` for a revoked one. */
  rotateToken(id: string, ask: Rotation): Promise<Rotated>
  /** A new agent's credential for an enrolment, once; again for the same token. `conflict`: it was used for another. */
  enrol(enrolmentId: string, ask: { name: string; tokenHash: string }): Promise<{ id: string }>
  /** These tokens were in use just now. */
  noteUse(tokens: readonly number[]): Promise<void>
}
