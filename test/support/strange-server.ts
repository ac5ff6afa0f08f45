import { once } from 'node:events'
import { createServer } from 'node:http'
import { type Frame, type FrameOf, LIMITS_IN_FORCE } from '../../src/protocol/index.ts'
import { acceptor, type SocketPort } from '../../src/socket/index.ts'
import { listening, urlOf } from './listening.ts'

type Hello = FrameOf<'hello'>

/** A server of another release: it does with each hello what the test says, and no more. */
export interface StrangeServer {
  url: string
  hellos: Hello[]
  close(): Promise<void>
}

export async function strangeServer(greet: (port: SocketPort, hello: Hello) => void): Promise<StrangeServer> {
  const listener = createServer()
  const sockets = acceptor({ drumline: '1' })
  const ports = new Set<SocketPort>()
  const hellos: Hello[] = []
  listener.on('upgrade', async (request, socket, head) => {
    const port = await sockets.accept(request, socket, head)
    ports.add(port)
    port.onText((text) => {
      const frame = JSON.parse(text) as Frame
      if (frame.type !== 'hello') return
      hellos.push(frame)
      greet(port, frame)
    })
  })
  await listening(listener)
  return {
    url: urlOf(listener),
    hellos,
    close: async () => {
      for (const port of ports) port.terminate()
      listener.close()
      await once(listener, 'close')
    },
  }
}

/** A welcome as v1 has it, in a version of the test's choice. */
export function welcome(port: SocketPort, hello: Hello, version = 1): void {
  const frame: FrameOf<'welcome'> = {
    type: 'welcome',
    version,
    features: [],
    connection: 1,
    server: { id: 'strange', version: '9.9.9' },
    ...(hello.agent === undefined ? {} : { agent: { id: 'agent-1', name: hello.agent.name } }),
    limits: LIMITS_IN_FORCE,
    heartbeat: { intervalMs: 15_000, timeoutMs: 40_000 },
    credit: 65_536,
    claims: [],
  }
  port.send(JSON.stringify(frame))
}
