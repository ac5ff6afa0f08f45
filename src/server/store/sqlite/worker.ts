import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { type Call, Engine, type EngineOptions } from './engine.ts'
import type { FromWorker, ToWorker } from './thread.ts'
import { bodyOf } from './trouble.ts'

/** Operations in one transaction: more would let the first of them wait too long. */
const MOST = 4096

/** The engine's own thread: what has come meanwhile is one transaction, answered after its commit in one message. */
function serve(port: MessagePort, options: EngineOptions): void {
  const engine = open(port, options)
  if (engine === undefined) return
  port.on('message', (first: ToWorker) => {
    const { calls, closing } = drain(port, first)
    if (calls.length > 0) tell(port, { kind: 'outcome', outcome: engine.run(calls) })
    if (!closing) return
    engine.close()
    port.close()
  })
  tell(port, { kind: 'ready' })
}

/** What keeps it from opening is told by its code: an error thrown here would lose it on its way. */
function open(port: MessagePort, options: EngineOptions): Engine | undefined {
  try {
    return new Engine(options)
  } catch (error) {
    tell(port, { kind: 'refused', error: bodyOf(error) })
    return undefined
  }
}

function drain(port: MessagePort, first: ToWorker): { calls: Call[]; closing: boolean } {
  const calls: Call[] = []
  let message: ToWorker | undefined = first
  while (message !== undefined) {
    if (message.kind === 'close') return { calls, closing: true }
    for (const call of message.calls) calls.push(call)
    message = calls.length < MOST ? (receiveMessageOnPort(port)?.message as ToWorker | undefined) : undefined
  }
  return { calls, closing: false }
}

function tell(port: MessagePort, message: FromWorker): void {
  port.postMessage(message)
}

if (parentPort !== null) serve(parentPort, workerData as EngineOptions)
