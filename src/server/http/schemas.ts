import { z } from '@hono/zod-openapi'
import { AgentView, METHODS, type Plain, QueueView, WorkflowDetail, WorkflowView } from '../../protocol/index.ts'

/**
 * The bus's schemas as HTTP answers them: times are integer milliseconds, `version` is left out, as `toShown` does it.
 * Objects are open, so that a client of today takes a field of tomorrow.
 */
function plain<S extends z.ZodType>(schema: S): z.ZodType<Plain<z.output<S>>> {
  const made = twin(schema)
  return (schema.description === undefined ? made : made.describe(schema.description)) as z.ZodType<Plain<z.output<S>>>
}

function twin(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDate) return z.int().describe('Milliseconds since 1970.')
  if (schema instanceof z.ZodNullable) return plain(schema.unwrap() as z.ZodType).nullable()
  if (schema instanceof z.ZodOptional) return plain(schema.unwrap() as z.ZodType).optional()
  if (schema instanceof z.ZodArray) return z.array(plain(schema.element as z.ZodType))
  if (!(schema instanceof z.ZodObject)) return schema
  const fields = Object.entries(schema.shape as Record<string, z.ZodType>)
  return z.object(Object.fromEntries(fields.map(([name, field]) => [name, plain(field)])))
}

const Cursor = z.string().nullable().describe('Give it as `before` for the following page; null at the end.')

export const Workflow = plain(WorkflowView.omit({ version: true })).openapi('Workflow')
export const Detail = plain(WorkflowDetail.omit({ version: true })).openapi('WorkflowDetail')
const Agent = plain(AgentView.omit({ version: true })).openapi('Agent')
export const Queue = plain(QueueView.omit({ version: true })).openapi('Queue')
export const Submitted = plain(METHODS.submit.result).openapi('Submitted')
export const Reasons = plain(METHODS.explain.result).openapi('Reasons')
export const Workflows = z.object({ workflows: z.array(Workflow), next: Cursor }).openapi('Workflows')
export const Agents = z.object({ agents: z.array(Agent), next: Cursor }).openapi('Agents')
export const Canceled = z.object({ id: z.string(), state: WorkflowView.shape.state }).openapi('Canceled')
export const Trail = plain(METHODS.audit.result).openapi('Trail')
export const Paused = z.object({ paused: z.boolean() }).openapi('Paused')
