import { type ReadonlySignal, signal } from '@preact/signals'

const time = signal(Date.now())
setInterval(() => {
  time.value = Date.now()
}, 1000)

/** Milliseconds since 1970, each second anew, for ages that are shown. */
export const now: ReadonlySignal<number> = time
