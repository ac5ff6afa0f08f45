import { toShown } from '../../protocol/index.ts'
import { CONNECT, withClient } from '../connect.ts'
import { define } from '../define.ts'
import { EXIT } from '../errors.ts'
import { paintState } from '../format.ts'
import { print } from '../output.ts'

export const requeue = define({
  name: 'requeue',
  about: 'Put a workflow back into the queue, for another attempt. One that runs is taken from its agent first.',
  args: [['<id>', 'of the workflow', 'workflow']],
  flags: CONNECT,
  json: 'the workflow, as `list --json` prints it',
  examples: ['drumline requeue ID', 'drumline requeue ID && drumline logs ID --follow'],
  async run(context) {
    const [id = ''] = context.args
    const workflow = await withClient(context, (client) => client.call('requeue', { id }))
    await print(context, toShown(workflow), (style) => `${id} ${paintState(workflow.state, style)}\n`)
    return EXIT.ok
  },
})
