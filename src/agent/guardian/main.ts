import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { signalAllOf } from '../local/processes.ts'
import { machineMs, type Word } from './ward.ts'
import { Wards } from './wards.ts'

/**
 * The guardian, a process of its own. It reads words of the agent on its stdin, one JSON text a line; when that ends the
 * agent has. It ends by itself once there is nothing to do, and imports little: it is there for as long as the agent is.
 */
const wards = new Wards(signalAllOf)
let timer: NodeJS.Timeout | undefined

function look(): void {
  clearTimeout(timer)
  wards.look(machineMs())
  const pause = wards.pauseMs(machineMs())
  if (pause !== undefined) timer = setTimeout(look, pause)
}

/** A line that its writer died over is cut short. */
function parsed(line: string): Word | undefined {
  try {
    return JSON.parse(line) as Word
  } catch {
    return undefined
  }
}

const input = new Socket({ fd: 0, readable: true, writable: false })
createInterface({ input }).on('line', (line) => {
  const word = parsed(line)
  if (word !== undefined) wards.hear(word)
  look()
})
// Whatever has become of the pipe: without it nobody can say that the work goes on.
input.on('error', () => {})
input.on('close', () => {
  wards.orphan(machineMs())
  look()
})
// Service managers tell all processes of an agent to end at once; this one ends after those that it watches over.
process.on('SIGTERM', () => {})
