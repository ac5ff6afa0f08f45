import { expect } from 'vitest'
import { type Client, dialClient, ENDED, untilEnded } from '../../../src/client/node.ts'
import { MESSAGE, type WorkflowDetail, workflowSpec } from '../../../src/protocol/index.ts'
import type { Random } from '../random.ts'
import { waitUntil } from '../wait-until.ts'
import type { Crew } from './crew.ts'
import type { MortalServer } from './mortal-server.ts'

/** Longer than any server needs to come back. */
const OUTAGE_MS = 180_000
const END_MS = 120_000
const KINDS = ['plain', 'endless', 'after'] as const

/** A workflow whose id the server has acknowledged. */
interface Subject {
  readonly id: string
  readonly name: string
  readonly lines: number
  /** Executions there have to be: one, and one more for each acknowledged requeue. */
  runs: number
  /** Its cancel was acknowledged. */
  canceled: boolean
}

/** An operator, who asks for this and that and remembers what was acknowledged. */
export class Desk {
  readonly #client: Client
  readonly #random: Random
  readonly #subjects: Subject[] = []
  #rounds = 0

  private constructor(client: Client, random: Random) {
    this.#client = client
    this.#random = random
  }

  static async open(server: MortalServer, random: Random): Promise<Desk> {
    const token = server.adminToken
    const dial = (signal: AbortSignal) => server.dial({ token, maxBytes: MESSAGE.helloBytes, signal })
    const client = await dialClient({ url: 'ws://server.test', token, giveUpMs: OUTAGE_MS, dial })
    return new Desk(client, random)
  }

  close(): void {
    this.#client.close()
  }

  async agentToken(): Promise<string> {
    return (await this.#client.call('token.create', { role: 'agent' })).token
  }

  /** Everything that can be asked for, once; two workflows come to their end in it, the third is cancelled as it runs. */
  async round(crew: Crew): Promise<void> {
    const number = ++this.#rounds
    const subjects = await this.#submit(number)
    const endless = need(subjects.find(({ name }) => name.startsWith('endless')))
    await this.#requeue()
    await waitUntil(() => crew.isRunning(endless.id), { limitMs: END_MS, what: `the begin of ${endless.name}` })
    const { workflows } = await this.#client.call('cancel', { ids: [endless.id], reason: 'by chance' })
    expect(workflows).toMatchObject([{ id: endless.id, already: false }])
    endless.canceled = true
    await crew.visit()
    for (const { id } of subjects) await untilEnded(this.#client, id)
  }

  /** All that was acknowledged is there, and was done once. */
  async judge(crew: Crew): Promise<void> {
    for (const subject of this.#subjects) await this.#judge(subject, crew.executions(subject.id))
    expect(await this.#names()).toEqual(this.#subjects.map(({ name }) => name).sort())
  }

  /** What was kept long enough is gone. */
  async allGone(): Promise<void> {
    const isEmpty = async () => (await this.#client.call('list', { limit: 1 })).workflows.length === 0
    await waitUntil(isEmpty, { limitMs: END_MS, what: 'the end of what was kept' })
  }

  async #submit(number: number): Promise<Subject[]> {
    const word = `word ${number}`
    const drafts = KINDS.map((kind) => ({ name: `${kind} ${number}`, lines: this.#random.between(1, 40) }))
    const specs = drafts.map(({ name, lines }) =>
      workflowSpec({
        name,
        steps: [{ name: 'talk' }, { name: 'end' }],
        // Whoever had secrets cannot run again: they were erased.
        ...(name.startsWith('plain') && { secrets: ['WORD'] }),
        environment: { EXPECTED: word, LINES: String(lines) },
        dependsOn: name.startsWith('after') ? [`plain ${number}`] : [],
        graceMs: 1000,
      }),
    )
    const { workflows } = await this.#client.call('submit', { workflows: specs, secrets: { WORD: word } })
    const subjects = workflows.map(({ id }, at) => ({ id, ...need(drafts[at]), runs: 1, canceled: false }))
    this.#subjects.push(...subjects)
    return subjects
  }

  /** One that has ended, of an earlier round, is to run once more. */
  async #requeue(): Promise<void> {
    const ended = this.#subjects.slice(0, -KINDS.length).filter(({ name }) => name.startsWith('after'))
    if (ended.length === 0) return
    const subject = this.#random.pick(ended)
    await this.#client.call('requeue', { id: subject.id })
    subject.runs += 1
    await untilEnded(this.#client, subject.id)
  }

  async #judge({ id, name, lines, runs, canceled }: Subject, executions: readonly number[]): Promise<void> {
    const workflow = await this.#settled(id)
    const attempts = Array.from({ length: runs }, (_, at) => at + 1)
    expect(executions, `executions of ${name}`).toEqual(attempts)
    expect(workflow, name).toMatchObject({
      state: canceled ? 'canceled' : 'success',
      attempt: runs,
      logs: 'complete',
      missing: [],
    })
    for (const attempt of attempts) {
      const talked = Array.from({ length: lines }, (_, at) => `line ${at + 1} of ${attempt}`)
      const expected = canceled ? talked : [...talked, `end of ${attempt}`]
      expect(await this.#log(id, attempt), `the log of ${name}`).toEqual(expected)
    }
  }

  /** A workflow with its log settled. */
  async #settled(id: string): Promise<WorkflowDetail> {
    return waitUntil(
      async () => {
        const workflow = await this.#client.call('get', { id })
        return ENDED.has(workflow.state) && workflow.logs !== 'open' ? workflow : null
      },
      { limitMs: END_MS, what: `the end of ${id}` },
    )
  }

  async #log(id: string, attempt: number): Promise<string[]> {
    const texts: string[] = []
    for (let after: string | undefined; ; ) {
      const page = await this.#client.call('logs', { id, attempt, ...(after === undefined ? {} : { after }) })
      texts.push(...page.parts.map((part) => (part.kind === 'lines' ? part.text : `gap ${part.from}`)))
      if (!page.more || page.next === null) return texts.join('').trimEnd().split('\n')
      after = page.next
    }
  }

  async #names(): Promise<string[]> {
    const names: string[] = []
    for (let before: string | undefined; ; ) {
      const page = await this.#client.call('list', { limit: 50, ...(before === undefined ? {} : { before }) })
      names.push(...page.workflows.map(({ name }) => name))
      if (page.next === null) return names.sort()
      before = page.next
    }
  }
}

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the server has answered too much')
  return value
}
