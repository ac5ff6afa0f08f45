import { z } from 'zod'
import { SHAPE } from '../limits.ts'
import { Environment, Id } from '../names.ts'
import { WorkflowView } from '../views.ts'
import { WorkflowSpec, WorkflowStateName } from '../workflow.ts'
import { method } from './method.ts'

const Nothing = z.strictObject({})
const Reason = z.string().max(1024)
/** What a cancel says of itself when nobody gave it a reason. */
export const CANCEL_REASON = 'canceled by an operator'
const Ids = z.array(Id).min(1).max(SHAPE.workflowsPerSubmit)

/** What people and scripts do to the queue. All of them write, and carry a key. */
export const OPERATOR_METHODS = {
  submit: method({
    role: 'operator',
    params: z.strictObject({
      workflows: z.array(WorkflowSpec).min(1).max(SHAPE.workflowsPerSubmit),
      secrets: Environment.describe(
        'Values for the names that the workflows list; go only to the agent that runs them.',
      ),
    }),
    result: z.strictObject({ workflows: z.array(z.strictObject({ id: Id, name: z.string() })) }),
    mutates: true,
    values: 'plain',
    about: 'Adds workflows, all or none.',
  }),
  cancel: method({
    role: 'operator',
    params: z.strictObject({ ids: Ids, reason: Reason }),
    result: z.strictObject({
      workflows: z.array(
        z.strictObject({
          id: Id,
          state: WorkflowStateName.nullable().describe('Null: not found; the others happened.'),
          already: z.boolean().describe('It had ended before: nothing was changed.'),
        }),
      ),
    }),
    mutates: true,
    values: 'plain',
    about: 'Cancels: pending ones end at once, running ones are told. Answers after the commit.',
  }),
  requeue: method({
    role: 'operator',
    params: z.strictObject({ id: Id }),
    result: WorkflowView,
    mutates: true,
    values: 'rich',
    about: 'Puts a workflow back into the queue: clears its cancel, closes its attempt, counts attempts anew.',
  }),
  'agent.set': method({
    role: 'operator',
    params: z.strictObject({ id: Id, schedulable: z.boolean().optional(), drain: z.boolean().optional() }),
    result: Nothing,
    mutates: true,
    values: 'plain',
    about: 'Makes an agent schedulable or not, or drains it.',
  }),
  'agent.remove': method({
    role: 'operator',
    params: z.strictObject({ id: Id }),
    result: Nothing,
    mutates: true,
    values: 'plain',
    about: 'Forgets an agent; what it runs is revoked and goes back to the queue.',
  }),
  'server.drain': method({
    role: 'operator',
    params: Nothing,
    result: Nothing,
    mutates: true,
    whole: true,
    values: 'plain',
    about: 'No more offers; every client gets its slot to leave.',
  }),
  'queue.pause': method({
    role: 'operator',
    params: Nothing,
    result: Nothing,
    mutates: true,
    whole: true,
    values: 'plain',
    about: 'Stops offers and nothing else.',
  }),
  'queue.resume': method({
    role: 'operator',
    params: Nothing,
    result: Nothing,
    mutates: true,
    whole: true,
    values: 'plain',
    about: 'Offers go on at once.',
  }),
} as const
