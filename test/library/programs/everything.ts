// What somebody else's program does with all four entry points. It ends by itself: nothing may keep it alive.
import { connect, type Job, LeaseLost, runAgent } from 'drumline/agent'
import { BusError, dialClient, followLogs, untilEnded } from 'drumline/client'
import { type Peer, type StepState, type WorkflowDraft, workflowSpec } from 'drumline/protocol'
import { StartError, startServer } from 'drumline/server'

const data = './data'
const server = await startServer({ data, port: 0 })
const { url } = server
const operator = await server.createToken({ role: 'operator', name: 'the program' })
const agent = await server.createToken({ role: 'agent' })
const client = await dialClient({ url, token: operator.token })

async function submit(draft: WorkflowDraft): Promise<string> {
  const { workflows } = await client.call('submit', { workflows: [workflowSpec(draft)], secrets: {} })
  const [workflow] = workflows
  if (workflow === undefined) throw new Error('nothing was submitted')
  return workflow.id
}

/** Runs one workflow by the contract's own calls. */
async function runOne(peer: Peer): Promise<void> {
  const offer = await peer.next({ labels: { by: 'hand' } })
  if (offer === null) throw new Error('no work')
  const started = Date.now()
  await peer.init(offer, { started, finished: 0, error: '', canceled: false })
  for (const { id, name } of offer.workflow.steps) {
    const running: StepState = { stepId: id, state: 'running', started, finished: null, exitCode: null, error: '' }
    await peer.update(offer, running)
    peer.enqueueLog(offer, { stepId: id, kind: 'out', text: `${name} by hand` })
    await peer.update(offer, { ...running, state: 'success', finished: Date.now(), exitCode: 0 })
  }
  await peer.done(offer, { started, finished: Date.now(), error: '', canceled: false })
}

async function byHand(): Promise<void> {
  const peer = connect({ url, token: agent.token, agent: { name: 'by-hand', labels: { by: 'hand' } } })
  const id = await submit({ name: 'one', labels: { by: 'hand' }, steps: [{ name: 'a' }, { name: 'b' }] })
  await runOne(peer)
  await peer.delivered()
  await peer.close()
  for await (const { part } of followLogs(client, id)) if (part.kind === 'lines') console.log(part.text.trimEnd())
  console.log('one:', (await untilEnded(client, id)).state)
}

async function byFunction(): Promise<void> {
  const run = async ({ signal, step, offer }: Job): Promise<void> => {
    await step('forever').run(async (log) => {
      log(`attempt ${offer.attempt} runs until it is stopped`)
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))))
    })
  }
  const running = runAgent({ url, token: agent.token, agent: { name: 'by-function', labels: { by: 'function' } }, run })
  const id = await submit({ name: 'two', labels: { by: 'function' }, steps: [{ name: 'forever' }] })
  for await (const { part } of followLogs(client, id)) {
    if (part.kind !== 'lines') continue
    console.log(part.text.trimEnd())
    await client.call('cancel', { ids: [id], reason: 'seen enough' })
  }
  const { state, cancel, steps } = await untilEnded(client, id)
  console.log('two:', state, cancel?.reason, steps.map((step) => step.state).join())
  await running.drain()
}

async function refusals(): Promise<void> {
  const refusal = (promise: Promise<unknown>) => promise.then(String, (error: unknown) => error)
  const missing = await refusal(client.call('get', { id: 'nobody' }))
  if (missing instanceof BusError) console.log(missing.code, missing.retry, missing.outcome)
  const stranger = await refusal(dialClient({ url, token: 'drl_wrong' }))
  if (stranger instanceof BusError) console.log(stranger.code, stranger.retry)
  const second = await refusal(startServer({ data, port: 0 }))
  if (second instanceof StartError) console.log(second.code)
  const peer = await server.peer({ name: 'x', version: '1', platform: 'any', backend: 'own', capacity: 1, labels: {} })
  const lost = await refusal(peer.extend({ workflowId: 'nobody', lease: 'never-mine' }))
  console.log(lost instanceof LeaseLost ? 'lease lost' : lost)
  await peer.close()
}

/** Never called. A type that was lost on the way would be `any`, and would take each of these. */
export function mistakes(): unknown[] {
  return [
    // @ts-expect-error an option of another name
    startServer({ data, prot: 0 }),
    // @ts-expect-error the same, further in
    runAgent({ url, token: '', agent: { capacty: 2 }, run: async () => {} }),
    // @ts-expect-error no such method
    client.call('sumbit', {}),
    // @ts-expect-error no steps
    workflowSpec({ name: 'nothing to do' }),
  ]
}

await byHand()
await byFunction()
await refusals()
client.close()
await server.close()
console.log('closed')
