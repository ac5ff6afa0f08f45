import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import {
  BusError,
  Environment,
  fitsReceiver,
  Labels,
  MESSAGE,
  type ParamsOf,
  SHAPE,
  tooLarge,
  utf8Length,
} from '../../../protocol/index.ts'
import { amend, type ParsedWorkflows, unknownDependencies } from '../../../workflow/index.ts'
import { scopeOf } from '../../scope.ts'
import { jsonOf, textOf } from '../body.ts'
import { type Api, call, type Env, may } from '../call.ts'
import type { Parser } from '../parse/parser.ts'
import { about, answers, json, Key } from '../routing.ts'
import { Submitted } from '../schemas.ts'

/** Of a JSON body: several files, and what quoting adds to them. */
const BODY_BYTES = 4 * SHAPE.fileBytes

const Submission = z
  .strictObject({
    files: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(SHAPE.nameChars).describe('What mistakes in it are reported under.'),
          text: z.string().describe('The YAML, at most 1 MiB.'),
        }),
      )
      .min(1)
      .max(SHAPE.workflowsPerSubmit)
      .describe('Workflow files that may depend on each other: all of them are added, or none.'),
    secrets: Environment.optional().describe('Values of the secrets that the workflows list.'),
    environment: Environment.optional().describe('Variables for all steps, over those of the files.'),
    labels: Labels.optional().describe('Labels that the agent must have, over those of the files.'),
  })
  .openapi('Submission')

const request = {
  query: z.strictObject({
    name: z
      .string()
      .min(1)
      .max(SHAPE.nameChars)
      .optional()
      .openapi({ description: 'Of the file, when the body is YAML: a workflow that has no `name` is called by it.' }),
  }),
  body: {
    required: true,
    description: 'One workflow file as it is, or several files as JSON with `Content-Type: application/json`.',
    content: {
      'application/yaml': { schema: { type: 'string' as const } },
      'application/json': { schema: { $ref: '#/components/schemas/Submission' } },
    },
  },
}

const submit = createRoute({
  ...about('submit', 'workflows'),
  method: 'post',
  path: '/api/workflows',
  middleware: may('submit'),
  request: { ...request, headers: Key },
  responses: answers({ 201: json(Submitted, 'The workflows, in the order of the files.') }, 409, 413),
})

const Checked = z
  .object({
    workflows: z.array(
      z.object({
        name: z.string(),
        steps: z.array(z.string()).describe('Their names.'),
        secrets: z.array(z.string()).describe('Those whose values it needs.'),
      }),
    ),
  })
  .openapi('Checked')

const check = createRoute({
  tags: ['workflows'],
  operationId: 'check',
  description:
    'Reads workflow files as `submit` does, says what is wrong with them, and adds nothing. For whoever may submit.',
  method: 'post',
  path: '/api/workflows/check',
  middleware: may('submit'),
  request,
  responses: answers({ 200: json(Checked, 'What would be added.') }, 413),
})

export function submitRoutes(api: Api, parser: Parser): void {
  api.openAPIRegistry.register('Submission', Submission)
  api.openapi(submit, async (c) => {
    const { params, outside } = await read(c, parser, c.req.valid('query').name)
    try {
      return c.json(await call(c, 'submit', params), 201)
    } catch (error) {
      if (error instanceof BusError && error.code === 'bad_request') await explainUnknown(c, outside)
      throw error
    }
  })
  api.openapi(check, async (c) => {
    const { params, outside } = await read(c, parser, c.req.valid('query').name)
    await explainUnknown(c, outside)
    const workflows = params.workflows.map(({ name, steps, secrets }) => ({
      name,
      steps: steps.map((step) => step.name),
      secrets,
    }))
    return c.json({ workflows }, 200)
  })
}

interface Read {
  readonly params: ParamsOf<'submit'>
  readonly outside: ParsedWorkflows['outside']
}

/** What was sent, as the bus takes it. Throws `bad_request` with everything that is wrong with the files. */
async function read(c: Context<Env>, parser: Parser, name: string | undefined): Promise<Read> {
  const { files, secrets = {}, environment = {}, labels = {} } = await submissionOf(c, name)
  const { workflows, outside, problems } = await parser.parse(files)
  if (problems.length > 0) {
    const names = files.map((file) => file.name).join(', ')
    throw new BusError('bad_request', `${names}: not valid`, { details: problems })
  }
  const params = { workflows: amend(workflows, { environment, labels }), secrets }
  // As large as on the bus, and no larger: a matrix can make much of a short file.
  if (!fitsReceiver(JSON.stringify(params), MESSAGE.bytes)) throw tooLarge('what is submitted', 'none')
  return { params, outside }
}

async function submissionOf(c: Context<Env>, name: string | undefined): Promise<z.output<typeof Submission>> {
  const type = (c.req.header('content-type') ?? '').toLowerCase()
  if (type.startsWith('multipart/')) {
    throw new BusError('bad_request', 'send the file as it is (curl --data-binary @FILE), or files as JSON')
  }
  if (!/^application\/json\b/.test(type)) {
    return { files: [{ name: name ?? 'workflow.yaml', text: await textOf(c, SHAPE.fileBytes) }] }
  }
  if (name !== undefined) throw new BusError('bad_request', 'in JSON each file has its own name')
  const submission = await jsonOf(c, Submission, BODY_BYTES)
  const large = submission.files.find(({ text }) => utf8Length(text) > SHAPE.fileBytes)
  if (large !== undefined) throw new BusError('too_large', `${large.name} has over ${SHAPE.fileBytes} bytes`)
  return submission
}

/** A dependency that nobody knows is told at its place in the file. */
async function explainUnknown(c: Context<Env>, outside: Read['outside']): Promise<void> {
  const { core, credential } = c.var
  const isKnown = async (id: string) => (await core.store.get(id, scopeOf(credential))) !== null
  const details = await unknownDependencies(outside, isKnown)
  if (details.length > 0) throw new BusError('bad_request', 'a dependency is not known', { details })
}
