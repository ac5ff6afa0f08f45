import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { Count, Tally } from './tally.ts'

/** Takes one measured value. */
export type Observe = (value: number) => void

/**
 * Makes what is measured, each under its name and with the sentence that explains it. One registry a server: two in one
 * process do not meet. Everything is there from the start, with zero: a rate would miss what happened first.
 */
export class Instruments {
  readonly registry = new Registry()

  /** Something that only rises. */
  counter(name: string, help: string): Count {
    const count = new Count()
    this.counted(name, help, () => count.value)
    return count
  }

  /** The same, apart by a label that has these values and no others. */
  counters<K extends string>(name: string, help: string, label: string, keys: readonly K[]): Tally<K> {
    const tally = new Tally<K>(keys)
    new Counter({
      ...this.#named(name, help),
      labelNames: [label],
      collect() {
        this.reset()
        for (const [key, { value }] of tally.entries()) this.inc({ [label]: key }, value)
      },
    })
    return tally
  }

  /** A counter that somebody else keeps. */
  counted(name: string, help: string, read: () => number): void {
    new Counter({
      ...this.#named(name, help),
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  }

  /** How it is right now; undefined where that is not known: then it is left out. */
  gauge(name: string, help: string, read: () => number | undefined): void {
    new Gauge({
      ...this.#named(name, help),
      collect() {
        const value = read()
        if (value === undefined) this.remove()
        else this.set(value)
      },
    })
  }

  /** The same, apart by a label. */
  gauges(name: string, help: string, label: string, read: () => Readonly<Record<string, number>> | undefined): void {
    new Gauge({
      ...this.#named(name, help),
      labelNames: [label],
      collect() {
        this.reset()
        for (const [key, value] of Object.entries(read() ?? {})) this.set({ [label]: key }, value)
      },
    })
  }

  histogram(name: string, help: string, buckets: readonly number[]): Observe {
    const histogram = new Histogram({ ...this.#named(name, help), buckets: [...buckets] })
    return (value) => histogram.observe(value)
  }

  /** Histograms apart by a label that has these values and no others. */
  histograms<K extends string>(
    name: string,
    help: string,
    label: string,
    keys: readonly K[],
    buckets: readonly number[],
  ): (key: K, value: number) => void {
    const histogram = new Histogram({ ...this.#named(name, help), labelNames: [label], buckets: [...buckets] })
    for (const key of keys) histogram.zero({ [label]: key })
    return (key, value) => histogram.observe({ [label]: key }, value)
  }

  #named(name: string, help: string) {
    return { name, help, registers: [this.registry] }
  }
}
