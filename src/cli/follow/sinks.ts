import type { Followed } from '../../client/node.ts'
import { LogPrinter, toRows } from '../../protocol/index.ts'
import { styleOf } from '../format.ts'
import type { World } from '../world.ts'
import { LiveBlock } from './live.ts'
import { render } from './render.ts'
import type { FollowedState } from './view.ts'

/** Where followed logs go. */
export interface Sink {
  part(workflow: FollowedState, followed: Followed): Promise<void>
  /** Something about it changed. */
  changed(workflow: FollowedState): void
  /** For people, beside the logs. */
  say(text: string): Promise<void>
  /** The log of one workflow is at its end. */
  ended(workflow: FollowedState): Promise<void>
  close(): Promise<void>
}

export function sinkFor(world: World, workflows: readonly FollowedState[], json: boolean): Sink {
  if (json) return new JsonSink(world)
  const prefix = prefixer(workflows.length > 1)
  if (world.stdout.isTerminal && world.env.TERM !== 'dumb') return new LiveSink(world, workflows, prefix)
  return new PlainSink(world, prefix)
}

type Prefix = (workflow: FollowedState, stepId: string) => string

function prefixer(several: boolean): Prefix {
  return (workflow, stepId) => {
    const step = workflow.stepName(stepId)
    return several ? `[${workflow.name}/${step}] ` : `[${step}] `
  }
}

/** One printer per workflow: pieces of a long line must not meet those of another. */
class Printers {
  readonly #prefix: Prefix
  readonly #printers = new Map<FollowedState, LogPrinter>()

  constructor(prefix: Prefix) {
    this.#prefix = prefix
  }

  of(workflow: FollowedState): LogPrinter {
    let printer = this.#printers.get(workflow)
    if (printer === undefined) {
      printer = new LogPrinter({ everything: true, prefix: (stepId) => this.#prefix(workflow, stepId) })
      this.#printers.set(workflow, printer)
    }
    return printer
  }
}

/** In a pipe: the lines on stdout, everything else on stderr. */
class PlainSink implements Sink {
  readonly #world: World
  readonly #printers: Printers

  constructor(world: World, prefix: Prefix) {
    this.#world = world
    this.#printers = new Printers(prefix)
  }

  part(workflow: FollowedState, { part }: Followed): Promise<void> {
    return this.#world.stdout.write(this.#printers.of(workflow).text(part))
  }

  changed(): void {}

  say(text: string): Promise<void> {
    return this.#world.stderr.write(`${text}\n`)
  }

  ended(workflow: FollowedState): Promise<void> {
    return this.#world.stdout.write(this.#printers.of(workflow).rest())
  }

  async close(): Promise<void> {}
}

/** Rows as `logs --json` prints them, each with its workflow. */
class JsonSink implements Sink {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  part(workflow: FollowedState, { part }: Followed): Promise<void> {
    const step = workflow.detail?.steps.find(({ id }) => id === part.stepId)
    const shown = { name: step?.name ?? part.stepId, started: step?.started ?? null }
    return this.#world.stdout.write(toRows(part, shown, { everything: true, workflow: workflow.id }))
  }

  changed(): void {}

  async say(): Promise<void> {}

  async ended(): Promise<void> {}

  async close(): Promise<void> {}
}

const REDRAW_MS = 100

/** On a terminal: logs scroll, and the steps' progress stays below them. */
class LiveSink implements Sink {
  readonly #world: World
  readonly #workflows: readonly FollowedState[]
  readonly #printers: Printers
  readonly #block: LiveBlock
  readonly #timer: NodeJS.Timeout
  #tick = 0

  constructor(world: World, workflows: readonly FollowedState[], prefix: Prefix) {
    this.#world = world
    this.#workflows = workflows
    this.#printers = new Printers(prefix)
    this.#block = new LiveBlock(world.stdout, styleOf(true, world.env))
    this.#timer = setInterval(() => void this.#draw(), REDRAW_MS)
  }

  part(workflow: FollowedState, { part }: Followed): Promise<void> {
    return this.#print(this.#printers.of(workflow).text(part))
  }

  // The next redraw shows it.
  changed(): void {}

  say(text: string): Promise<void> {
    return this.#print(`${text}\n`)
  }

  ended(workflow: FollowedState): Promise<void> {
    return this.#print(this.#printers.of(workflow).rest())
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#draw()
    this.#block.leave()
  }

  async #print(text: string): Promise<void> {
    if (text !== '') await this.#block.print(text)
  }

  #draw(): Promise<void> {
    const { stdout, env } = this.#world
    const views = this.#workflows.map((workflow) => workflow.view())
    const { columns, rows } = stdout
    this.#tick++
    return this.#block.draw(render(views, { ...styleOf(true, env), columns, rows, now: Date.now(), tick: this.#tick }))
  }
}
