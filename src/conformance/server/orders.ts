import { newId } from '../../protocol/index.ts'
import { expects } from '../verdict.ts'
import { pause } from '../waiting.ts'
import { claimOf, refused } from './actor.ts'
import type { Play } from './play.ts'

/** Within this an order must have been repeated: it is due every 5 s. */
const REPEAT_MS = 15_000
/** An order that is not repeated for so long is not repeated any more. */
const SILENT_MS = 7_000

/** What the server wants of an agent. */
export const ORDERS = {
  async cancel(play: Play) {
    const { id, agent, lease } = await play.running()
    await play.cancel(id)
    const first = await agent.wire.hears('cancel', (frame) => frame.lease === lease)
    await agent.wire.until('the cancel again', () => agent.wire.all('cancel').length > 1, REPEAT_MS)
    agent.wire.hangUp()
    const back = await play.again(agent, { claims: [claimOf(lease, 'running')] })
    expects(back.verdict(lease)?.verdict === 'cancel', 'the verdict cancel', () => back.welcome.claims)
    const told = await back.wire.hears('cancel', (frame) => frame.lease === lease)
    expects(told.revision === first.revision, 'the same revision after welcome', () => [first, told])
    back.receipt(lease, told.revision, 'received')
    await back.wire.round()
    const said = back.wire.all('cancel').length
    await pause(SILENT_MS)
    expects(back.wire.all('cancel').length === said, 'no cancel after the receipt', () => back.wire.story())
    const { cancel } = await play.get(id)
    expects(cancel?.received instanceof Date, 'the receipt to be noted', () => cancel)
    return `revision ${told.revision}, repeated until its receipt`
  },

  async intent(play: Play) {
    const { id, agent, lease } = await play.running()
    await play.cancel(id)
    await agent.done(lease)
    const { state } = await play.get(id)
    expects(state === 'canceled', 'canceled', () => state)
    return 'canceled, though a success was reported'
  },

  async revoke(play: Play) {
    const { id, agent, lease } = await play.running()
    const other = await play.agent()
    const asked = other.wire.request('next', {})
    await other.wire.round()
    await play.cancel(id)
    await play.operator.call('requeue', { id }, { key: newId() })
    const { revision } = await agent.wire.hears('revoke', (frame) => frame.lease === lease)
    refused(await agent.update(lease, 1), 'stale_lease', 'an update after revoke')
    await other.wire.round()
    const early = other.wire.all('response').find((frame) => frame.id === asked)
    expects(early === undefined, 'no next attempt before the old one has stopped', () => early)
    agent.receipt(lease, revision, 'stopped')
    const { result: offer } = await other.wire.answer('next', asked)
    expects(offer?.workflowId === id, 'the next attempt once it has stopped', () => offer)
    return `offered again, as attempt ${offer.attempt}, after the receipt`
  },

  async strayReceipt(play: Play) {
    const { id, agent, lease } = await play.running()
    const before = await play.get(id)
    for (const phase of ['received', 'stopping', 'stopped']) agent.receipt(`L${newId()}`, 3, phase)
    agent.receipt(lease, 3, 'stopped')
    await agent.wire.round()
    const { error } = await agent.update(lease, 1)
    expects(error === undefined, 'the work to go on', () => error)
    const { cancel, attempt } = await play.get(id)
    expects(cancel === null && attempt === before.attempt, 'nothing to have changed', () => ({ cancel, attempt }))
    return 'taken, and nothing changed'
  },
}
