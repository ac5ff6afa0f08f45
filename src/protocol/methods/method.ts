import type { z } from 'zod'

/**
 * Populations by credential. Of admin > operator > viewer each may also call what those after it may; an agent, and an
 * enrolment, which becomes one, have methods of their own.
 */
export const ROLES = ['admin', 'operator', 'viewer', 'agent', 'enrolment'] as const
/** One of them. */
export type Role = (typeof ROLES)[number]

/** One method of the wire, declared once: types, checks, documents and JSON Schema all come from here. */
export interface Method<P extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  /** The least role that may call it; those of `agent` and `enrolment` are theirs alone. `any`: all but an enrolment. */
  readonly role: Role | 'any'
  /** What it takes. */
  readonly params: P
  /** What it answers. */
  readonly result: R
  /** Writes; an operator's call then carries a key, so that a repeat has one effect. */
  readonly mutates: boolean
  /** Concerns everybody on this server: refused to a credential that sees only a part of it. */
  readonly whole?: true
  /** `rich`: the result travels as superjson `{json, meta?}`, since it may hold dates. `plain`: as JSON. */
  readonly values: 'plain' | 'rich'
  /**
   * UTF-8 bytes that its answer may have, where that is much: it then begins in turn, once its answer has room among what
   * is unsent. Absent: a few KiB.
   */
  readonly room?: number
  /** One sentence for `docs/protocol.md`. */
  readonly about: string
}

/** Keeps the schemas' own types while checking the shape. */
export function method<P extends z.ZodType, R extends z.ZodType>(entry: Method<P, R>): Method<P, R> {
  return entry
}

const APART: ReadonlySet<Role> = new Set(['agent', 'enrolment'])

/** Whether a credential of `role` may call a method that asks for `wanted`. */
export function mayCall(role: Role, wanted: Method['role']): boolean {
  if (wanted === 'any') return role !== 'enrolment'
  if (APART.has(wanted) || APART.has(role)) return role === wanted
  return ROLES.indexOf(role) <= ROLES.indexOf(wanted)
}
