import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { connect, isIP } from 'node:net'
import { isLoopback, nameOf, portOf, proxyFor, reachThrough, unbracketed } from '../socket/index.ts'
import type { Case } from './case.ts'
import type { FaultCode } from './faults.ts'
import { failed, type Outcome, ok, skipped } from './finding.ts'
import type { Patient } from './patient.ts'
import { codeOf, faultOf, isLate } from './sentence.ts'
import { tlsCode } from './tls-code.ts'

/** Which proxy, if any, and why. */
export async function checkProxy(one: Case): Promise<Outcome> {
  const { url, network } = one.patient
  try {
    one.proxy = proxyFor(url, network)
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error)
    return failed('proxy_address', found, 'correct it, or give --proxy none to go without one')
  }
  if (one.proxy !== undefined) return ok(`through ${nameOf(one.proxy)}`)
  return ok(`directly: ${whyNone(one.patient)}`)
}

function whyNone({ url, network }: Patient): string {
  if (network.proxy === 'none') return '--proxy none'
  const elsewhere = new URL(url)
  elsewhere.hostname = 'elsewhere.invalid'
  const named = proxyFor(elsewhere, { ...network, env: { ...network.env, no_proxy: '', NO_PROXY: '' } })
  if (named === undefined) return 'no proxy is named'
  return isLoopback(url.hostname) ? 'it is this machine' : 'NO_PROXY names it'
}

/** Whether the first to be dialled has an address. */
export async function checkName(one: Case): Promise<Outcome> {
  const { host, whose } = firstHop(one)
  if (isIP(host) !== 0) return skipped(`${host} is an address, not a name`)
  try {
    const found = await soon(lookup(host, { all: true }), one.patient.patienceMs)
    return ok(`${host} is ${[...new Set(found.map(({ address }) => address))].slice(0, 4).join(', ')}`)
  } catch (error) {
    const unknown = codeOf(error) === 'ENOTFOUND'
    if (unknown)
      return failed('name_unknown', `${host} has no address`, `is the name of ${whose} spelt as it should be?`)
    const why = isLate(error) ? 'no name server has answered' : `the name servers say ${codeOf(error)}`
    return failed('name_server', `${host}: ${why}`, "look at this machine's name servers (/etc/resolv.conf)")
  }
}

/** Whether anybody listens there. */
export async function checkConnection(one: Case): Promise<Outcome> {
  const { host, port, whose } = firstHop(one)
  const at = `${host}:${port}`
  const socket = connect({ host, port })
  socket.on('error', () => {})
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(one.patient.patienceMs) })
    return ok(`${socket.remoteAddress} listens on port ${port}`)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ECONNREFUSED')
      return failed('refused', `nobody listens on ${at}`, `start ${whose}, or correct its port`)
    if (!isLate(error))
      return failed('unreachable', `${at}: ${code}`, `no way leads there: look at this machine's network`)
    const wall = `a firewall drops it, or ${whose} is down: have port ${port} of ${host} opened for this machine`
    return failed('silent', `no answer from ${at} within ${one.patient.patienceMs / 1000} s`, wall)
  } finally {
    socket.destroy()
  }
}

/** Whether the proxy connects us. */
export async function checkTunnel(one: Case): Promise<Outcome> {
  const { proxy, patient } = one
  if (proxy === undefined) return skipped('there is no proxy on the way')
  const to = `${patient.url.hostname}:${portOf(patient.url)}`
  try {
    const tunnel = await reachThrough(proxy, patient.url, patient.network, patient.patienceMs)
    tunnel.destroy()
    return ok(`the proxy connects to ${to}${proxy.authorization === undefined ? '' : ', and takes the login'}`)
  } catch (error) {
    return faultOf(tunnelCode(error, proxy.authorization !== undefined), error, MENDS[tunnelCode(error, true)] ?? ASK)
  }
}

const ASK = 'ask those who run the proxy'

const MENDS: Readonly<Partial<Record<FaultCode, string>>> = {
  proxy_password: 'correct them in its address, special characters as %XX',
  proxy_forbidden: 'have this host and port allowed there',
  proxy_silent: 'is it a proxy, and does it run? Ask those who run it',
  proxy_no_way: 'start the server, or have its name made known to the proxy',
}

function tunnelCode(error: unknown, loggedIn: boolean): FaultCode {
  const { status } = error as { status?: number }
  if (status === 407) return loggedIn ? 'proxy_password' : 'proxy_login'
  if (status === 403) return 'proxy_forbidden'
  if (status !== undefined) return status >= 500 && status !== 501 ? 'proxy_no_way' : 'proxy_none'
  if (isLate(error)) return 'proxy_silent'
  return tlsCode(error) === undefined ? 'proxy_none' : 'proxy_tls'
}

/** Whom this machine itself dials. */
function firstHop({ proxy, patient }: Case): { host: string; port: number; whose: string } {
  const url = proxy?.url ?? patient.url
  return { host: unbracketed(url.hostname), port: portOf(url), whose: proxy === undefined ? 'the server' : 'the proxy' }
}

/** The system's own look-up cannot be given up; it is only not waited for. */
async function soon<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DOMException('too late', 'TimeoutError')), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
