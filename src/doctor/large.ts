import { BusError } from '../protocol/index.ts'
import type { Case } from './case.ts'
import { failed, type Outcome, ok } from './finding.ts'
import { KiB, size } from './shown.ts'

/** What stands around a text in a message. */
const FRAME_BYTES = 512
/** A slow link may take its time. */
const LARGE_PATIENCE = 3

/** Whether messages of every size that may come get through, both ways, as they were. */
export async function checkLarge(one: Case): Promise<Outcome> {
  const { messageBytes } = (await one.visit()).welcome.limits
  let passed = 0
  for (const bytes of [KiB, 16 * KiB, 64 * KiB, messageBytes - FRAME_BYTES]) {
    const how = await sendLarge(one, bytes)
    if (how !== 'passes') {
      const both =
        how === 'altered' ? 'both ways at once' : how === 'up' ? 'from here to the server' : 'from the server'
      const found = `a message of ${size(bytes)} ${how === 'altered' ? 'is altered' : 'does not get through'} ${both}; ${size(passed)} does`
      const mend = `have the limit of a message or a frame on the way raised to ${size(messageBytes)} or more`
      return failed(how === 'altered' ? 'altered' : `large_${how}`, found, mend)
    }
    passed = bytes
  }
  return ok(`up to ${size(messageBytes)} both ways, unaltered`)
}

async function sendLarge(one: Case, bytes: number): Promise<'passes' | 'altered' | 'up' | 'down'> {
  const text = sample(bytes)
  const ask = async (back: boolean): Promise<string | undefined> => {
    const visit = await one.visit()
    return visit
      .call('echo', { text, back }, one.patient.patienceMs * LARGE_PATIENCE)
      .then(({ text: got }) => got, lost)
  }
  const got = await ask(true)
  if (got !== undefined) return got === text ? 'passes' : 'altered'
  return (await ask(false)) === undefined ? 'up' : 'down'
}

/** Cut off, or never answered. What the server says of it in words is another matter. */
function lost(error: unknown): undefined {
  if (error instanceof BusError && (error.code === 'unavailable' || error.code === 'deadline')) return undefined
  throw error
}

/** No part of it looks like another, so that none can be taken for it. */
function sample(bytes: number): string {
  let text = ''
  for (let at = 0; text.length < bytes; at++) text += `${at.toString(36)} `
  return text.slice(0, bytes)
}
