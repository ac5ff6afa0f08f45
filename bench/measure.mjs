// Numbers of one run: medians of several rounds, with their spread, since machines are noisy.

export function median(values) {
  return quantile(values, 0.5)
}

export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]
}

/** `12,345 (11,900–12,800)`: the median of several rounds and their extremes. */
export function spread(values, digits = 0) {
  const [mid, low, high] = [median(values), Math.min(...values), Math.max(...values)].map((value) =>
    format(value, digits),
  )
  return `${mid} (${low}–${high})`
}

export function format(value, digits = 0) {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** Calls per second of `call`, with `inFlight` always open, over `ms` of wall time after a warm-up. */
export async function rate(call, inFlight, ms) {
  await keepOpen(call, inFlight, ms / 4)
  const start = performance.now()
  const count = await keepOpen(call, inFlight, ms)
  return (count / (performance.now() - start)) * 1000
}

async function keepOpen(call, inFlight, ms) {
  const end = performance.now() + ms
  let count = 0
  const lane = async (number) => {
    while (performance.now() < end) {
      await call(number)
      count++
    }
  }
  await Promise.all(Array.from({ length: inFlight }, (_, number) => lane(number)))
  return count
}
