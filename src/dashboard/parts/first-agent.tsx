import { PAGE } from '../model/address.ts'
import { Command } from './command.tsx'

/** How a machine becomes an agent, told where there is none. */
export function FirstAgent() {
  return (
    <div class="empty first-agent">
      <h2>No agent is known yet</h2>
      <p>Work waits until one is connected. Make a token for it, on the server’s machine:</p>
      <Command text="drumline token create --role agent" />
      <p>Put the token that it prints into a file on the build machine, and start the agent there:</p>
      <Command text={`drumline agent --url ${PAGE.url} --token-file ./token`} />
      <p>It appears here as soon as it is connected.</p>
    </div>
  )
}
