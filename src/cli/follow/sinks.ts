import type { Followed } from '../../client/node.ts'
import { type LogKind, LogPrinter, missingRow, ShownGaps, toRows } from '../../protocol/index.ts'
import { paint, paintState, printable, type Style, styleOf } from '../format.ts'
import { clipTo } from '../width.ts'
import type { World } from '../world.ts'
import { harmless } from './harmless.ts'
import { LiveBlock } from './live.ts'
import { markOf, type State } from './marks.ts'
import { render } from './render.ts'
import { tally } from './tally.ts'
import type { FollowedState } from './view.ts'

/** Where followed logs go. */
export interface Sink {
  part(workflow: FollowedState, followed: Followed): Promise<void>
  /** For people, beside the logs; with a state, how something ended. */
  say(text: string, state?: State): Promise<void>
  /** The log of one workflow is at its end. */
  ended(workflow: FollowedState): Promise<void>
  close(): Promise<void>
}

export function sinkFor(world: World, workflows: readonly FollowedState[], json: boolean): Sink {
  if (json) return new JsonSink(world)
  if (world.stdout.isTerminal && world.env.TERM !== 'dumb') return new LiveSink(world, workflows)
  return new PlainSink(world, workflows)
}

type Line = (workflow: FollowedState, stepId: string, kind: LogKind, text: string) => string

/** One printer per workflow: pieces of a long line must not meet those of another. */
class Printers {
  readonly #line: Line
  readonly #printers = new Map<FollowedState, LogPrinter>()

  constructor(line: Line) {
    this.#line = line
  }

  of(workflow: FollowedState): LogPrinter {
    let printer = this.#printers.get(workflow)
    if (printer === undefined) {
      printer = new LogPrinter({ everything: true, line: (...line) => this.#line(workflow, ...line) })
      this.#printers.set(workflow, printer)
    }
    return printer
  }
}

/** In a pipe: the lines on stdout, everything else on stderr. */
class PlainSink implements Sink {
  readonly #world: World
  readonly #workflows: readonly FollowedState[]
  readonly #printers: Printers

  constructor(world: World, workflows: readonly FollowedState[]) {
    this.#world = world
    this.#workflows = workflows
    this.#printers = new Printers((workflow, stepId, _, text) => {
      const step = workflow.stepName(stepId)
      return workflows.length > 1 ? `[${workflow.name}/${step}] ${text}` : `[${step}] ${text}`
    })
  }

  part(workflow: FollowedState, { part }: Followed): Promise<void> {
    return this.#world.stdout.write(this.#printers.of(workflow).text(part))
  }

  say(text: string): Promise<void> {
    return this.#world.stderr.write(`${text}\n`)
  }

  ended(workflow: FollowedState): Promise<void> {
    return this.#world.stdout.write(this.#printers.of(workflow).rest())
  }

  async close(): Promise<void> {
    if (this.#workflows.length > 1) await this.say(tally(this.#workflows.map((workflow) => workflow.view())))
  }
}

/** Rows as `logs --json` prints them, each with its workflow. */
class JsonSink implements Sink {
  readonly #world: World
  readonly #gaps = new Map<FollowedState, ShownGaps>()

  constructor(world: World) {
    this.#world = world
  }

  part(workflow: FollowedState, { attempt, part }: Followed): Promise<void> {
    this.#gapsOf(workflow).saw(attempt, part)
    const step = workflow.detail?.steps.find(({ id }) => id === part.stepId)
    const shown = { name: step?.name ?? part.stepId, started: step?.started ?? null }
    return this.#world.stdout.write(toRows(part, shown, { everything: true, workflow: workflow.id }))
  }

  async say(): Promise<void> {}

  ended(workflow: FollowedState): Promise<void> {
    const missing = this.#gapsOf(workflow).othersOf(workflow.detail?.missing ?? [])
    const rows = missing.map((range) => missingRow(range, workflow.stepName(range.stepId), workflow.id))
    return this.#world.stdout.write(rows.join(''))
  }

  async close(): Promise<void> {}

  #gapsOf(workflow: FollowedState): ShownGaps {
    const gaps = this.#gaps.get(workflow) ?? new ShownGaps()
    this.#gaps.set(workflow, gaps)
    return gaps
  }
}

const REDRAW_MS = 100
const DIM = 2
/** What tells workflows apart. Green, red and yellow say how something is. */
const HUES = [36, 35, 34, 96, 95, 94]

/** On a terminal: logs scroll, and what runs stays below them. */
class LiveSink implements Sink {
  readonly #world: World
  readonly #workflows: readonly FollowedState[]
  readonly #printers = new Printers((...line) => this.#line(...line))
  readonly #block: LiveBlock
  readonly #timer: NodeJS.Timeout
  #tick = 0

  constructor(world: World, workflows: readonly FollowedState[]) {
    this.#world = world
    this.#workflows = workflows
    this.#block = new LiveBlock(world.stdout)
    this.#timer = setInterval(() => void this.#draw(), REDRAW_MS)
  }

  get #style(): Style {
    return styleOf(this.#world.stdout, this.#world.env)
  }

  part(workflow: FollowedState, { part }: Followed): Promise<void> {
    return this.#print(this.#printers.of(workflow).text(part))
  }

  say(text: string, state?: State): Promise<void> {
    const style = this.#style
    const shown = printable(text)
    const line = state === undefined ? paint(shown, DIM, style) : paintState(state, style, markOf(state, style))
    return this.#print(state === undefined ? `${line}\n` : `${line} ${shown}\n`)
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

  /** Whose it is takes no more than a third of the terminal; commands and remarks stand back behind the output. */
  #line(workflow: FollowedState, stepId: string, kind: LogKind, text: string): string {
    const style = this.#style
    const [mark, third] = [style.unicode ? '…' : '>', Math.floor(style.columns / 3)]
    const step = clipTo(printable(workflow.stepName(stepId)), Math.floor(third / 2), mark)
    const several = this.#workflows.length > 1
    const whose = several ? `${clipTo(printable(workflow.name), third - step.length, mark)}/${step}` : step
    const hue = several ? (HUES[this.#workflows.indexOf(workflow) % HUES.length] ?? DIM) : DIM
    const isOutput = kind.startsWith('out') || kind.startsWith('err')
    const shown = isOutput ? harmless(text, style) : paint(harmless(text, { ...style, color: false }), DIM, style)
    return `${paint(`[${whose}]`, hue, style)} ${shown}`
  }

  #draw(): Promise<void> {
    const views = this.#workflows.map((workflow) => workflow.view())
    const { rows } = this.#world.stdout
    this.#tick++
    return this.#block.draw(render(views, { ...this.#style, rows, now: Date.now(), tick: this.#tick }))
  }
}
