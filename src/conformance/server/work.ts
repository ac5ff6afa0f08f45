import { newId } from '../../protocol/index.ts'
import { expects } from '../verdict.ts'
import { refused } from './actor.ts'
import type { Play } from './play.ts'

/** Offers, leases and reports. */
export const WORK = {
  async offer(play: Play) {
    const [suits, suitsToo, other] = await Promise.all([play.agent(), play.agent(), play.agent({ label: newId() })])
    const asked = [suits, suitsToo, other].map(({ wire }) => ({ wire, id: wire.request('next', {}) }))
    await Promise.all(asked.map(({ wire }) => wire.round()))
    const id = await play.submit()
    const offers = () => asked.flatMap(({ wire, id }) => wire.all('response').filter((frame) => frame.id === id))
    const suiting = asked.slice(0, 2)
    await Promise.race(suiting.map(({ wire, id }) => wire.hears('response', (frame) => frame.id === id)))
    for (const { wire } of asked) await wire.round()
    expects(offers().length === 1, 'one offer', () => `${offers().length} offers`)
    const [wrong] = other.wire.all('response').filter((frame) => frame.id === asked[2]?.id)
    expects(wrong === undefined, 'no offer to an agent of other labels', () => wrong)
    const { state } = await play.get(id)
    expects(state === 'offered', 'the state offered', () => state)
    return 'one of two agents that suit got it'
  },

  async init(play: Play) {
    const value = `secret-${newId()}`
    await play.submit({ secrets: ['CONFORMANCE'] }, { CONFORMANCE: value })
    const agent = await play.agent()
    const offer = await agent.next()
    expects(!JSON.stringify(offer).includes(value), 'no secret in the offer', () => 'it is there')
    const first = await agent.accept(offer.lease)
    expects(first.secrets.CONFORMANCE === value, 'the secret in the answer to init', () => Object.keys(first.secrets))
    const again = await agent.accept(offer.lease)
    expects(again.secrets.CONFORMANCE === value, 'the same answer to a repeat', () => Object.keys(again.secrets))
    return 'the secret came with init, and again with its repeat'
  },

  async lease(play: Play) {
    const { id, lease } = await play.running()
    const thief = await play.agent({ token: play.house.tokens[1] })
    const before = await play.get(id)
    const messages = new Set<string>()
    for (const name of [lease, `L${newId()}`]) {
      for (const answer of [await thief.init(name), await thief.update(name, 1), await thief.done(name)]) {
        refused(answer, 'stale_lease', name === lease ? 'a foreign lease' : 'an unknown lease')
        messages.add(answer.error?.message ?? '')
      }
      refused(await thief.wire.ask('decline', { lease: name, reason: '' }), 'stale_lease', 'declining it')
    }
    expects(messages.size === 1, 'the same words for a foreign and an unknown lease', () => [...messages])
    const after = await play.get(id)
    expects(after.version === before.version, 'nothing to have changed', () => after)
    return `${[...messages][0]}`
  },

  async step(play: Play) {
    const { id, agent, lease } = await play.running()
    const before = await play.get(id)
    const { error } = await agent.update(lease, 1, { stepId: 'no-such-step' })
    expects(error !== undefined, 'a refusal', () => 'it was taken')
    const after = await play.get(id)
    expects(after.version === before.version, 'nothing to have changed', () => after)
    return `${error.code}`
  },

  async seq(play: Play) {
    const { id, agent, lease } = await play.running()
    await agent.update(lease, 1)
    await agent.update(lease, 3, { exitCode: 7 })
    for (const seq of [3, 2, 1]) {
      const { error } = await agent.update(lease, seq, { started: 1 })
      expects(error === undefined, `success for a repeat of seq ${seq}`, () => error)
    }
    const [step] = (await play.get(id)).steps
    expects(step?.state === 'failure' && step.exitCode === 7, 'the step as seq 3 told it', () => step)
    return 'three repeats were answered and changed nothing'
  },

  async done(play: Play) {
    const { id, agent, lease } = await play.running()
    const { error } = await agent.done(lease)
    expects(error === undefined, 'done to be taken', () => error)
    refused(await agent.done(lease, 5), 'already_done', 'a second done')
    refused(await agent.update(lease, 9, { exitCode: 1 }), 'stale_lease', 'an update after done')
    const { state, steps } = await play.get(id)
    expects(state === 'success' && steps[0]?.state === 'success', 'the first result', () => ({ state, steps }))
    return 'already_done, stale_lease, and the first result stands'
  },

  async extend(play: Play) {
    const { agent, lease } = await play.running()
    const stray = `L${newId()}`
    const leases = [lease, stray].map((name) => ({ lease: name, phase: 'running' as const }))
    const { claims } = await agent.wire.call('extend', { leases })
    const words = [lease, stray].map((name) => claims.find((claim) => claim.lease === name)?.verdict)
    expects(words[0] === 'keep' && words[1] === 'lost', 'keep for the held, lost for the unknown', () => claims)
    return 'keep, lost'
  },

  async decline(play: Play) {
    await play.submit()
    const agent = await play.agent()
    const { lease } = await agent.next()
    await agent.wire.call('decline', { lease, reason: 'a test of conformance' })
    const id = agent.wire.request('next', {})
    const other = await play.agent()
    const offer = await other.next()
    await agent.wire.round()
    const again = agent.wire.all('response').find((frame) => frame.id === id)
    expects(again === undefined, 'no second offer to who has declined', () => again)
    refused(await agent.init(lease), 'stale_lease', 'accepting what was declined')
    return `offered to another as attempt ${offer.attempt}`
  },
}
