import type { z } from 'zod'
import { ADMIN_METHODS } from './admin.ts'
import { AGENT_METHODS } from './agent.ts'
import { ENROLMENT_METHODS } from './enrolment.ts'
import { OPERATOR_METHODS } from './operator.ts'
import { VIEWER_METHODS } from './viewer.ts'
import { VISITOR_METHODS } from './visitor.ts'

export { ADMIN_METHODS } from './admin.ts'
export { AGENT_METHODS } from './agent.ts'
export { ENROLMENT_METHODS } from './enrolment.ts'
export { type Method, mayCall, ROLES, type Role } from './method.ts'
export { CANCEL_REASON, OPERATOR_METHODS } from './operator.ts'
export { EXPLAIN_CODES, VIEWER_METHODS } from './viewer.ts'
export { VISITOR_METHODS } from './visitor.ts'

/** Every method of the wire. Look up through `findMethod`: a name like `constructor` must find nothing. */
export const METHODS = {
  ...VISITOR_METHODS,
  ...AGENT_METHODS,
  ...ENROLMENT_METHODS,
  ...OPERATOR_METHODS,
  ...VIEWER_METHODS,
  ...ADMIN_METHODS,
} as const

/** One of them. */
export type MethodName = keyof typeof METHODS
/** What a method takes. */
export type ParamsOf<M extends MethodName> = z.input<(typeof METHODS)[M]['params']>
/** What a method answers. */
export type ResultOf<M extends MethodName> = z.output<(typeof METHODS)[M]['result']>

const BY_NAME: ReadonlyMap<string, MethodName> = new Map(
  (Object.keys(METHODS) as MethodName[]).map((name) => [name, name]),
)

/** The method of this name; undefined if there is none. */
export function findMethod(name: string): MethodName | undefined {
  return BY_NAME.get(name)
}
