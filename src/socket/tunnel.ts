import { type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Attempt } from './attempt.ts'
import { DialError } from './dial-error.ts'
import type { Network } from './network.ts'
import { unbracketed } from './no-proxy.ts'
import { type ForwardProxy, nameOf, portOf } from './proxy.ts'
import { proxyFailure, proxyRefusal } from './proxy-failure.ts'
import { openTls } from './tls.ts'

/** Opens a connection to whom the URL names through a proxy, by CONNECT. Rejects with a `DialError` about the proxy. */
export async function openTunnel(
  proxy: ForwardProxy,
  target: URL,
  network: Network,
  attempt: Attempt,
): Promise<Socket> {
  attempt.waitsFor = nameOf(proxy)
  const way = await reach(proxy, network, attempt)
  const to = `${target.hostname}:${portOf(target)}`
  const { response, socket, head } = await ask(proxy, to, way, attempt)
  const { statusCode: status = 0, headers } = response
  if (status >= 200 && status < 300) {
    if (head.length > 0) socket.unshift(head)
    return socket
  }
  socket.destroy()
  throw new DialError(proxyRefusal({ proxy, to, status, headers }), { status, lasting: status < 500 })
}

async function reach(proxy: ForwardProxy, network: Network, attempt: Attempt): Promise<Socket> {
  const { url } = proxy
  if (url.protocol === 'https:') return openTls(url, network, attempt)
  try {
    return await attempt.opened(connect({ host: unbracketed(url.hostname), port: portOf(url) }), 'connect')
  } catch (error) {
    throw new DialError(proxyFailure(proxy, error), { cause: error })
  }
}

interface Answer {
  response: IncomingMessage
  socket: Socket
  head: Buffer
}

function ask({ authorization, ...proxy }: ForwardProxy, to: string, way: Socket, attempt: Attempt): Promise<Answer> {
  const login = authorization === undefined ? {} : { 'proxy-authorization': authorization }
  return new Promise((resolve, reject) => {
    const asked = request({
      method: 'CONNECT',
      path: to,
      headers: { host: to, ...login },
      createConnection: () => way,
      signal: attempt.signal,
    })
    asked.once('connect', (response: IncomingMessage, socket: Socket, head: Buffer) =>
      resolve({ response, socket, head }),
    )
    asked.on('error', (error) => {
      way.destroy()
      reject(new DialError(proxyFailure({ ...proxy, authorization }, error), { cause: error }))
    })
    asked.end()
  })
}
