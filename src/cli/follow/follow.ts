import { type Client, followLogs } from '../../client/node.ts'
import type { WorkflowDetail, WorkflowStateName } from '../../protocol/index.ts'
import { BusError } from '../../protocol/index.ts'
import type { Outages } from '../connect.ts'
import { EXIT } from '../errors.ts'
import { printable, showDuration } from '../format.ts'
import type { World } from '../world.ts'
import { type Sink, sinkFor } from './sinks.ts'
import { FollowedState, reasonOf } from './view.ts'

interface FollowContext {
  readonly world: World
  readonly flags: { readonly json: boolean }
  /** While it follows, what they say stands among the lines. */
  readonly outages?: Outages
}

/**
 * Shows the logs of workflows until all have ended. The exit code is the worst outcome: not reachable, failure, canceled,
 * success. Ctrl-C ends the watching and not the work.
 */
export async function follow(
  client: Client,
  workflows: readonly { id: string; name: string }[],
  { world, flags, outages }: FollowContext,
): Promise<number> {
  const states = workflows.map((workflow) => new FollowedState(workflow))
  if (flags.json) await world.stdout.write(`${JSON.stringify({ workflows })}\n`)
  const several = states.length > 1
  const sink = sinkFor(world, states, flags.json)
  if (outages !== undefined) outages.say = (text) => void sink.say(text)
  const stop = new AbortController()
  const giveBack = world.onSignal('SIGINT', () => stop.abort())
  try {
    for (const { id, name } of workflows) await sink.say(`submitted ${printable(name)}: ${id}`)
    const ends = await Promise.all(states.map((state) => followOne(client, state, { sink, stop, several })))
    if (stop.signal.aborted) return await interrupted(sink, states, world, flags.json)
    const outcomes = ends.map((end) => exitOf(end?.state))
    return [EXIT.refused, EXIT.failed, EXIT.canceled].find((code) => outcomes.includes(code)) ?? EXIT.ok
  } catch (error) {
    stop.abort()
    if (error instanceof BusError && error.code === 'unavailable') await sayGoesOn(sink, states)
    throw error
  } finally {
    giveBack()
    await sink.close()
  }
}

interface Following {
  readonly sink: Sink
  readonly stop: AbortController
  readonly several: boolean
}

async function followOne(client: Client, state: FollowedState, { sink, stop, several }: Following) {
  const parts = followLogs(client, state.id, {
    signal: stop.signal,
    onWorkflow: (detail) => {
      const before = state.detail
      state.know(detail)
      const news = newsOf(before, detail)
      if (news !== undefined) void sink.say(news)
    },
  })
  for (;;) {
    const next = await parts.next()
    if (next.done) {
      await sink.ended(state)
      if (next.value !== undefined && !stop.signal.aborted)
        await sink.say(summary(next.value, several), next.value.state)
      return next.value
    }
    const { attempt, part } = next.value
    state.sawLine(attempt, part.stepId, part.to)
    await sink.part(state, next.value)
    if (part.kind === 'gap') {
      await sink.say(
        `lines ${part.from} to ${part.to} of ${printable(state.stepName(part.stepId))} are missing: ${part.reason}`,
      )
    }
  }
}

/** What is worth a line of its own: who runs it, and that it starts anew. */
function newsOf(
  before: WorkflowDetail | undefined,
  { name, state, agent, attempt, lost }: WorkflowDetail,
): string | undefined {
  if (state !== 'running' || agent === null || before?.attempt === attempt) return undefined
  const again = attempt > 1 ? `, attempt ${attempt}${lost === null ? '' : ` (${printable(lost)})`}` : ''
  return `${printable(name)} runs on ${printable(agent)}${again}`
}

function summary(detail: WorkflowDetail, several: boolean): string {
  const { id, name, state, started, finished, steps, logs, missing } = detail
  const took = started && finished ? ` after ${showDuration(finished.getTime() - started.getTime())}` : ''
  const failed = steps.find((step) => step.state === 'failure')
  const what = failed === undefined ? '' : `; ${printable(failed.name)} ended with ${failed.exitCode ?? 'no exit code'}`
  const reason = reasonOf(detail)
  const why = reason === null ? '' : `; ${printable(reason)}`
  // Among the lines of others its own are hard to find.
  const where = several && failed !== undefined ? `; see \`drumline logs ${id}\`` : ''
  const gaps = missing.length > 0 ? `; its log lacks lines, see \`drumline show\`` : ''
  const open =
    logs === 'open' && missing.length === 0 && started !== null ? '; the end of its log has not come yet' : ''
  return `${printable(name)}: ${state}${took}${what}${why}${gaps}${open}${where}`
}

async function interrupted(sink: Sink, states: readonly FollowedState[], world: World, json: boolean): Promise<number> {
  if (json) await world.stderr.write(`${goesOn(states).join('\n')}\n`)
  else await sayGoesOn(sink, states)
  return EXIT.interrupted
}

async function sayGoesOn(sink: Sink, states: readonly FollowedState[]): Promise<void> {
  for (const line of goesOn(states)) await sink.say(line)
}

function goesOn(states: readonly FollowedState[]): string[] {
  const going = states.filter(({ detail }) => detail?.finished == null).map(({ id }) => id)
  if (going.length === 0) return []
  const [first] = going
  const it = going.length === 1 ? 'the workflow goes' : `${going.length} workflows go`
  return [`${it} on; to watch: drumline logs -f ${first}`, `to cancel: drumline cancel ${going.join(' ')}`]
}

function exitOf(state: WorkflowStateName | undefined): number {
  if (state === undefined) return EXIT.refused
  if (state === 'success') return EXIT.ok
  return state === 'canceled' ? EXIT.canceled : EXIT.failed
}
