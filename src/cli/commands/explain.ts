import { CONNECT, withClient } from '../connect.ts'
import { define } from '../define.ts'
import { EXIT } from '../errors.ts'
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
    const { reasons } = await withClient(context, (client) => client.call('explain', { id }))
    await print(context, { reasons }, () => {
      if (reasons.length === 0) return 'nothing holds it up\n'
      return reasons
        .map(({ agent, message }) => `${agent === undefined ? '' : `${printable(agent)}: `}${printable(message)}\n`)
        .join('')
    })
    return EXIT.ok
  },
})
