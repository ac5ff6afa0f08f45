import { z } from 'zod'
import { ClaimVerdict, Phase } from '../claims.ts'
import { SHAPE } from '../limits.ts'
import { Environment, Id, Labels } from '../names.ts'
import { AgentInfo, Offer, StepResult, StepState, WorkflowState } from '../workflow.ts'
import { method } from './method.ts'

const Nothing = z.strictObject({})

/** What an agent asks. Plain JSON throughout, so that an agent in any language needs no more. */
export const AGENT_METHODS = {
  version: method({
    role: 'any',
    params: Nothing,
    result: z.strictObject({ protocol: z.int(), server: z.string() }),
    mutates: false,
    values: 'plain',
    about: 'The protocol version in force and the version of the server.',
  }),
  register: method({
    role: 'agent',
    params: z.strictObject({ agent: AgentInfo }),
    result: z.strictObject({ id: Id, name: z.string() }),
    mutates: true,
    values: 'plain',
    about: 'Announces the agent again, as its hello did: labels, capacity, platform, backend.',
  }),
  unregister: method({
    role: 'agent',
    params: Nothing,
    result: Nothing,
    mutates: true,
    values: 'plain',
    about: 'The agent leaves: it is offered nothing more; what it still runs it may finish.',
  }),
  health: method({
    role: 'agent',
    params: Nothing,
    result: Nothing,
    mutates: true,
    values: 'plain',
    about: 'The agent is alive; its time of last contact is noted.',
  }),
  next: method({
    role: 'agent',
    params: z.strictObject({ labels: Labels.optional() }),
    result: Offer.nullable(),
    mutates: true,
    values: 'plain',
    about: 'Stays open until there is work for this agent; the number open is its free capacity. Aborted: null.',
  }),
  decline: method({
    role: 'agent',
    params: z.strictObject({ lease: Id, reason: z.string().max(1024) }),
    result: Nothing,
    mutates: true,
    values: 'plain',
    about: 'Gives an offer back; this agent is not offered that workflow for 30 s.',
  }),
  init: method({
    role: 'agent',
    params: z.strictObject({ lease: Id, state: WorkflowState }),
    result: z.strictObject({ secrets: Environment }),
    mutates: true,
    values: 'plain',
    about: 'Accepts an offer: the lease runs, no step may start before the answer. Idempotent by lease.',
  }),
  update: method({
    role: 'agent',
    params: z.strictObject({ lease: Id, seq: z.int().min(1), step: StepState }),
    result: Nothing,
    mutates: true,
    values: 'plain',
    about: 'A step started or ended. `seq` counts per (lease, step); one at or below the stored changes nothing.',
  }),
  extend: method({
    role: 'agent',
    params: z.strictObject({
      leases: z.array(z.strictObject({ lease: Id, phase: Phase })).max(SHAPE.claims),
    }),
    result: z.strictObject({ claims: z.array(ClaimVerdict.omit({ steps: true })) }),
    mutates: true,
    values: 'plain',
    about: 'Renews all leases at once, with their phases; a verdict for each, never an error for one.',
  }),
  done: method({
    role: 'agent',
    params: z.strictObject({ lease: Id, state: WorkflowState, steps: z.array(StepResult).max(SHAPE.steps) }),
    result: Nothing,
    mutates: true,
    values: 'plain',
    about:
      'The workflow ended, with every final step state and line count. The first wins; a repeat is `already_done`.',
  }),
} as const
