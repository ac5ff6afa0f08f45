import { type Dial, dialClient } from '../../src/client/node.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { connectTo, type Script, type ServerEnd } from './scripted-server.ts'

/** A place where servers come and go, and a client of them. */
export class World {
  readonly clock = new FakeClock()
  readonly ends: ServerEnd[] = []
  readonly outages: (string | undefined)[] = []
  script: Script | Error = {}
  dials = 0

  readonly dial: Dial = async () => {
    this.dials++
    if (this.script instanceof Error) throw this.script
    const { port, end } = connectTo(this.script, this.clock)
    this.ends.push(end)
    return port
  }

  client(outageMs?: number) {
    const { clock, dial } = this
    return dialClient({
      url: 'http://here',
      token: 't',
      clock,
      dial,
      ...(outageMs === undefined ? {} : { outageMs }),
      onOutage: (message) => this.outages.push(message),
    })
  }

  get last(): ServerEnd {
    const end = this.ends.at(-1)
    if (end === undefined) throw new Error('nobody has dialled')
    return end
  }
}
