import { BusError, type WorkflowDetail } from '../protocol/index.ts'
import type { Scope } from './scope.ts'
import type { Store } from './store/store.ts'

/** `not_found` for an id that names nothing in scope. */
export async function workflowOf(store: Pick<Store, 'get'>, id: string, scope: Scope): Promise<WorkflowDetail> {
  const workflow = await store.get(id, scope)
  if (workflow === null) throw unknownWorkflow(id)
  return workflow
}

/** The one answer to an id that names nothing, or nothing that may be seen. */
export function unknownWorkflow(id: string): BusError {
  return new BusError('not_found', `there is no workflow ${id}`)
}
