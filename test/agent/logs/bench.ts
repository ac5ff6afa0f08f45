import { LogSpool } from '../../../src/agent/logs/spool.ts'
import type { Slice } from '../../../src/agent/logs/step-log.ts'
import { type LogKind, silentLog } from '../../../src/protocol/index.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { costOf, linesOf } from './written.ts'

export const PLENTY = 1 << 30
export const nothingStored = () => 0

interface Bench {
  clock: FakeClock
  spool: LogSpool
  sent: Slice[]
  sink: { send(frame: Slice): void; backlog(): number }
  write: (text: string, stepId?: string, kind?: LogKind) => void
  texts: () => string[]
}

export function bench(room?: { memoryBytes: number; fileBytes: number }): Bench {
  const clock = new FakeClock()
  const spool = new LogSpool(clock, silentLog, () => {}, room)
  const sent: Slice[] = []
  spool.open('l1')
  return {
    clock,
    spool,
    sent,
    sink: { send: (frame) => sent.push(frame), backlog: () => 0 },
    write: (text, stepId = 's', kind = 'out') => spool.write('l1', stepId, kind, text, 5),
    texts: () => sent.map((frame) => (frame.type === 'log' ? frame.text : `gap ${frame.from}-${frame.to}`)),
  }
}

/** As a server does: it stores what comes and grants as much again. */
export function storeAll(spool: LogSpool, sent: readonly Slice[], sink: Bench['sink']): void {
  let limit = 64 * 1024
  spool.connect(sink, limit, nothingStored)
  // It grows while it is read: each grant lets more of it come.
  for (const frame of sent) {
    const upto = frame.type === 'gap' ? frame.to : frame.from + linesOf(frame).length - 1
    spool.stored({ lease: 'l1', stepId: 's', upto })
    limit += costOf(frame)
    spool.credit(limit)
  }
}
