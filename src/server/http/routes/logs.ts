import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { createRoute, type RouteConfig, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { BusError, METHODS, type ParamsOf, stepIdOf, type WorkflowDetail } from '../../../protocol/index.ts'
import type { Core } from '../../core.ts'
import { scopeOf } from '../../scope.ts'
import { type Api, call, type Env, may } from '../call.ts'
import { type LogAsk, LogReader } from '../log/reader.ts'
import { LogStream } from '../log/stream.ts'
import { LogWatch } from '../log/watch.ts'
import { about, answers, switchOf, WorkflowId } from '../routing.ts'

const ROWS = 'application/x-ndjson'
/** Logs being read at a time; each holds a socket and a page. */
const STREAMS = 500

const Row = z
  .object({
    step: z.string(),
    line: z.int().describe('From 1 in each step.'),
    to: z.int().nullable().optional().describe('Of a gap: the last line that is missing; null: to the end.'),
    time: z.int().nullable().describe('Milliseconds since 1970; null where the start of the step is not known.'),
    kind: z.string().describe('out, err, command, system; with + the next such line goes on from it; or gap.'),
    text: z.string(),
  })
  .openapi('LogRow')

/** Written by hand as it comes, so it is no typed answer. */
const TEXT: RouteConfig['responses'][number] = {
  description:
    'The text of the lines, or with `Accept: application/x-ndjson` a row a line. Lines that are missing have a line, or a ' +
    'row of kind `gap`, in their place. `Drumline-Logs` says how the log stood when the answer began, the trailer ' +
    '`Drumline-Logs-End` how at its end. An answer that is cut short ends as a broken transfer.',
  headers: z.object({
    'drumline-attempt': z.string().describe('The attempt; 0 before the first.'),
    'drumline-logs': METHODS.logs.result.shape.state.describe('As the answer began.'),
  }),
  content: {
    'text/plain': { schema: { type: 'string' } },
    [ROWS]: { schema: { $ref: '#/components/schemas/LogRow' } },
  },
}

const logs = createRoute({
  ...about('logs', 'workflows'),
  method: 'get',
  path: '/api/workflows/{id}/logs',
  middleware: may('logs'),
  request: {
    params: WorkflowId,
    query: z.strictObject({
      follow: switchOf('Go on until the workflow has ended and its log is closed.'),
      step: z.string().max(200).optional().openapi({ description: 'Only this step, by its name or id.' }),
      attempt: z
        .string()
        .regex(/^\d{1,9}$/, 'must be a whole number')
        .transform(Number)
        .pipe(METHODS.logs.params.shape.attempt.unwrap())
        .optional()
        .openapi({ type: 'integer', minimum: 1, description: 'Of this attempt; the latest if not given.' }),
      commands: switchOf('Also the commands themselves and what the agent says.'),
      download: switchOf('For a browser: a file to save, named after the workflow.'),
    }),
  },
  responses: answers({ 200: TEXT }, 404),
})

export function logRoutes(api: Api): void {
  api.openAPIRegistry.register('LogRow', Row)
  let open = 0
  api.openapi(logs, async (c) => {
    if (open >= STREAMS) throw new BusError('busy', `${STREAMS} logs are being read already`)
    open += 1
    try {
      return await answer(c, c.req.valid('param').id, c.req.valid('query'))
    } finally {
      open -= 1
    }
  })
}

type Query = z.output<typeof logs.request.query>

async function answer(c: Context<Env>, id: string, query: Query): Promise<Response> {
  const { core, credential, login } = c.var
  const get = () => call(c, 'get', { id })
  const detail = await get()
  const ask: LogAsk = {
    id,
    attempt: query.attempt,
    stepId: stepIdOf(detail, query.step),
    everything: query.commands ?? false,
    json: (c.req.header('accept') ?? '').includes(ROWS),
  }
  const watch = query.follow ? await LogWatch.open(core, id, scopeOf(credential)) : undefined
  try {
    const stream = new LogStream({
      connections: core.connections,
      caller: { credential, login, address: c.var.whence.address },
      outgoing: c.env.outgoing,
      clock: core.clock,
    })
    stream.signal.addEventListener('abort', () => watch?.touch())
    const now = () => core.clock.monotonic()
    const read = (params: ParamsOf<'logs'>) => call(c, 'logs', params)
    const reader = await LogReader.open({ ask, watch, get, read, now, signal: stream.signal }, detail)
    if (query.download) c.env.outgoing.setHeader('content-disposition', attachmentOf(detail, query))
    begin(c, reader, ask)
    // Its headers alone, and nothing is waited for.
    if (c.req.method === 'HEAD') c.env.outgoing.end()
    else await send(core, reader, stream)
  } finally {
    watch?.close()
  }
  return RESPONSE_ALREADY_SENT
}

/** A file's name as old and new browsers read it. */
function attachmentOf({ name, id }: WorkflowDetail, { step }: Query): string {
  const file = [name, step, id].filter((part) => part !== undefined).join('-')
  const plain = file.replace(/[^\w.-]+/g, '_')
  const exact = encodeURIComponent(file).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}.log"; filename*=UTF-8''${exact}.log`
}

function begin({ env: { incoming, outgoing } }: Context<Env>, reader: LogReader, { json }: LogAsk): void {
  // Trailers need chunks, which HTTP/1.0 has not, and Node insists on it.
  const chunked = incoming.method !== 'HEAD' && incoming.httpVersion !== '1.0'
  outgoing.writeHead(200, {
    'content-type': json ? ROWS : 'text/plain; charset=utf-8',
    'drumline-attempt': reader.attempt,
    'drumline-logs': reader.state,
    ...(chunked ? { trailer: 'Drumline-Attempt-End, Drumline-Logs-End' } : {}),
  })
  outgoing.flushHeaders()
}

async function send(core: Core, reader: LogReader, stream: LogStream): Promise<void> {
  try {
    const parts = reader.parts()
    for (;;) {
      const next = await parts.next()
      if (!next.done) await stream.write(next.value)
      else if (next.value) {
        stream.end({ 'drumline-attempt-end': String(reader.attempt), 'drumline-logs-end': reader.state })
        return
      } else return
    }
  } catch (error) {
    core.log.warn({ error }, 'a log could not be read to its end')
    stream.dismiss()
  }
}
