import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { type Client, dialClient, type Network } from '../../src/client/node.ts'
import { busUrl, examine, type Finding, type Patient } from '../../src/doctor/index.ts'
import type { Role } from '../../src/protocol/index.ts'
import { type Server, type ServerOptions, startServer } from '../../src/server/index.ts'
import { listening, urlOf } from '../support/listening.ts'
import { type Tampering, tamperer } from './tamperer.ts'

/** For machines that do much else. */
const PATIENCE_MS = 30_000

/** What the doctor is to be asked about. */
export type Planted = Partial<Omit<Patient, 'url'>> & { url: string }

/** A fault, how it is planted, and what the doctor has to say of it: at which check, by which name, in which words. */
export type Fault = readonly [
  what: string,
  plant: (ward: Ward) => Planted | Promise<Planted>,
  check: Finding['check'],
  code: string,
  says: RegExp,
]

/** A server that is well, and what is put before it. */
export class Ward {
  readonly folder: string
  readonly #server: Server
  readonly client: Client
  readonly token: string

  private constructor(folder: string, server: Server, client: Client, token: string) {
    this.folder = folder
    this.#server = server
    this.client = client
    this.token = token
  }

  static async open(more: Partial<ServerOptions> = {}, network: Network = {}): Promise<Ward> {
    const folder = mkdtempSync(join(tmpdir(), 'drumline-doctor-'))
    const server = await startServer({ ...more, port: 0, data: join(folder, 'data') })
    const admin = readFileSync(server.adminTokenFile, 'utf8').trim()
    const client = await dialClient({ url: server.url, token: admin, network })
    const { token } = await client.call('token.create', { role: 'viewer' })
    return new Ward(folder, server, client, token)
  }

  get url(): string {
    return this.#server.url
  }

  get port(): number {
    return this.#server.port
  }

  async tokenOf(role: Exclude<Role, 'admin' | 'enrolment'>): Promise<{ id: string; token: string }> {
    return this.client.call('token.create', { role })
  }

  /** A reverse proxy that does harm. */
  behind(harm: Tampering): Promise<string> {
    return tamperer(this.port, harm, onTestFinished)
  }

  /** What speaks TLS in the server's place. */
  async tls(options: TlsOptions, host = '127.0.0.1'): Promise<string> {
    const port = this.port
    const front = createTlsServer(options, (socket) => {
      const back = connect(port, '127.0.0.1')
      socket.on('error', () => back.destroy()).on('close', () => back.destroy())
      back.on('error', () => socket.destroy()).on('close', () => socket.destroy())
      socket.pipe(back).pipe(socket)
    })
    await listening(front)
    onTestFinished(() => void front.close())
    return urlOf(front).replace('http://127.0.0.1', `https://${host}`)
  }

  async findings({ url, ...more }: Planted): Promise<Finding[]> {
    const patient = { url: busUrl(url), token: this.token, network: {}, patienceMs: PATIENCE_MS, idleMs: 0, ...more }
    const all: Finding[] = []
    for await (const finding of examine(patient)) all.push(finding)
    // What it says is read by many; what it was given is not for them.
    if (patient.token !== undefined) expect(JSON.stringify(all)).not.toContain(patient.token)
    return all
  }

  async close(): Promise<void> {
    this.client.close()
    await this.#server.close()
    rmSync(this.folder, { recursive: true })
  }
}

/** One for the tests of a file. */
export function sharedWard(): () => Ward {
  let ward: Ward | undefined
  beforeAll(async () => {
    ward = await Ward.open()
  }, 60_000)
  afterAll(() => ward?.close())
  return () => {
    if (ward === undefined) throw new Error('no ward outside of a test')
    return ward
  }
}

/** Exactly this fault is found, and nothing behind it is guessed at. */
export async function expectFault(ward: Ward, [, plant, check, code, says]: Fault): Promise<void> {
  const findings = await ward.findings(await plant(ward))
  const faults = findings.filter((finding) => 'code' in finding)
  expect(faults.map((finding) => `${finding.check}: ${finding.code}`)).toEqual([`${check}: ${code}`])
  expect(faults.map(({ found, mend }) => `${found} → ${mend}`).join()).toMatch(says)
}

/** Whatever was looked at is as it should be. */
export function expectWell(findings: readonly Finding[], skipped: readonly string[]): void {
  const others = findings.filter(({ status }) => status !== 'ok')
  expect(others.map(({ check, status }) => `${check} ${status}`)).toEqual(skipped.map((check) => `${check} skipped`))
}
