import { CLOSE, newId } from '../../protocol/index.ts'
import { expects } from '../verdict.ts'
import { claimOf, helloOf, refused } from './actor.ts'
import { endsWith } from './handshake.ts'
import type { Play } from './play.ts'

/** Connections that come after others. */
export const RETURNS = {
  async newest(play: Play) {
    const first = await play.agent()
    const second = await play.again(first)
    const end = await endsWith(first.wire, CLOSE.superseded, 'a newer connection of the same boot')
    await second.wire.round()
    return end
  },

  async oldDial(play: Play) {
    const agent = await play.agent({ dial: 5 })
    for (const dial of [5, 4]) {
      const wire = await play.open()
      wire.say(helloOf({ ...agent.identity, dial }))
      await endsWith(wire, CLOSE.alreadyConnected, `dial ${dial} after dial 5`)
    }
    await agent.wire.round()
    return 'dials 5 and 4 after 5 got 4007; the first connection goes on'
  },

  async otherBoot(play: Play) {
    const agent = await play.agent()
    const wire = await play.open()
    wire.say(helloOf({ ...agent.identity, boot: newId() }))
    const end = await endsWith(wire, CLOSE.alreadyConnected, 'another boot while the first is alive')
    expects(wire.all('bye').length === 1, 'a bye before it', () => wire.story())
    await agent.wire.round()
    return `bye with ${wire.all('bye')[0]?.afterMs} ms, then ${end}`
  },

  async claims(play: Play) {
    const { agent, lease } = await play.running()
    agent.log(lease, 1, ['one', 'two', 'three'])
    await agent.stored(lease, 3)
    agent.wire.hangUp()
    const stray = `L${newId()}`
    const back = await play.again(agent, { claims: [claimOf(lease, 'running', 6), claimOf(stray, 'running')] })
    const kept = back.verdict(lease)
    expects(kept?.verdict === 'keep', 'keep for what it holds', () => kept ?? back.welcome.claims)
    const upto = kept.steps.find(({ stepId }) => stepId === 's1')?.upto
    expects(upto === 3, 'upto 3', () => kept)
    expects(back.verdict(stray)?.verdict === 'lost', 'lost for an unknown lease', () => back.welcome.claims)
    const { error } = await back.update(lease, 1)
    expects(error === undefined, 'the lease to go on', () => error)
    return 'keep with upto 3; lost for an unknown one'
  },

  async unclaimed(play: Play) {
    const { id, agent, lease } = await play.running()
    agent.wire.hangUp()
    const back = await play.again(agent)
    refused(await back.update(lease, 1), 'stale_lease', 'a lease that was not claimed')
    const offer = await back.next()
    expects(offer.workflowId === id && offer.attempt === 2, 'the workflow again, as attempt 2', () => offer)
    return 'stale_lease; offered again as attempt 2'
  },

  async ended(play: Play) {
    const { agent, lease } = await play.running()
    await agent.done(lease)
    agent.wire.hangUp()
    const back = await play.again(agent, { claims: [claimOf(lease, 'done')] })
    expects(back.verdict(lease)?.verdict === 'done', 'done for what has ended', () => back.welcome.claims)

    const held = await play.running({}, { label: play.label })
    held.agent.wire.hangUp()
    const fenced = await play.again(held.agent, { claims: [claimOf(held.lease, 'fenced', 1)] })
    expects(fenced.verdict(held.lease)?.verdict === 'logs', 'logs for what was fenced', () => fenced.welcome.claims)
    const { attempt } = await Promise.race([fenced.next(), back.next()])
    expects(attempt === 2, 'attempt 2 of what was fenced', () => attempt)
    return 'done; logs, and attempt 2'
  },
}
