import type { Labels, Role } from '../../protocol/index.ts'

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
  expiresMs?: number | null
}

export interface Rotated {
  /** When the tokens before it end. */
  overlap: Date
  expires: Date | null
}
