import type { Feed } from '../feed/index.ts'
import type { LogMemory } from '../logs/memory.ts'
import type { Change } from '../store/change.ts'
import type { Instruments } from './instruments.ts'
import type { Count } from './tally.ts'

interface Sources {
  logMemory: Pick<LogMemory, 'used'>
  feed: Pick<Feed, 'size'>
}

/** Lines on their way to the disk, and events on theirs to those who watch. */
export class LogMetrics {
  readonly #lines: Count
  readonly #bytes: Count
  readonly #gaps: Count
  readonly #missing: Count
  readonly #missed: Count

  constructor(make: Instruments, { logMemory, feed }: Sources) {
    this.#lines = make.counter('drumline_log_lines_stored_total', 'Lines of logs that were stored.')
    this.#bytes = make.counter('drumline_log_stored_bytes_total', 'Bytes of the lines that were stored.')
    this.#gaps = make.counter('drumline_log_gaps_total', 'Gaps that were stored in place of lines an agent gave up.')
    this.#missing = make.counter('drumline_log_lines_missing_total', 'Lines that these gaps stand for.')
    make.gauge(
      'drumline_log_memory_bytes',
      'Bytes of logs that were received and are not on disk yet. Beyond 32 MiB agents are slowed down.',
      () => logMemory.used,
    )
    make.gauge(
      'drumline_subscriptions',
      'Subscriptions to what changes: pages, followers, tails.',
      () => feed.size.subscriptions,
    )
    this.#missed = make.counter(
      'drumline_missed_events_total',
      'Events that were given up for a subscriber that was too slow; it was told, and read what it missed.',
    )
  }

  stored({ part }: Change & { kind: 'log' }): void {
    const lines = part.to - part.from + 1
    if (part.kind === 'gap') {
      this.#gaps.add()
      this.#missing.add(lines)
    } else {
      this.#lines.add(lines)
      this.#bytes.add(Buffer.byteLength(part.text))
    }
  }

  get lines(): number {
    return this.#lines.value
  }

  missed(events: number): void {
    this.#missed.add(events)
  }
}
