import { ENDED } from '../../client/node.ts'
import type { WorkflowDetail } from '../../protocol/index.ts'
import { CONNECT, withClient } from '../connect.ts'
import { define } from '../define.ts'
import { EXIT } from '../errors.ts'
import { reasonOf } from '../follow/view.ts'
import { printable } from '../format.ts'
import { print } from '../output.ts'

export const explain = define({
  name: 'explain',
  about: 'Say why a workflow is still pending or waiting, agent by agent.',
  args: [['<id>', 'of the workflow', 'workflow']],
  flags: CONNECT,
  json: '{"reasons":[{agent?, code, message}]}; none if nothing holds it up, or it runs, or has ended',
  examples: ['drumline explain ID', 'drumline explain ID --json | jq -r ".reasons[].code"'],
  async run(context) {
    const [id = ''] = context.args
    const { reasons, workflow } = await withClient(context, async (client) => ({
      ...(await client.call('explain', { id })),
      workflow: await client.call('get', { id }),
    }))
    await print(context, { reasons }, () => {
      if (reasons.length === 0) return `${situation(workflow)}\n`
      return reasons
        .map(({ agent, message }) => `${agent === undefined ? '' : `${printable(agent)}: `}${printable(message)}\n`)
        .join('')
    })
    return EXIT.ok
  },
})

/** What there is to say where nothing holds it up. */
function situation(workflow: WorkflowDetail): string {
  const { state, agent } = workflow
  if (ENDED.has(state)) {
    const reason = reasonOf(workflow)
    return `it has ended: ${state}${reason === null ? '' : `; ${printable(reason)}`}`
  }
  if (state === 'running') return `it runs${agent === null ? '' : ` on ${printable(agent)}`}`
  return state === 'offered' ? 'it is offered to an agent just now' : 'nothing holds it up'
}
