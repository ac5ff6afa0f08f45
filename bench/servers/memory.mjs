// Says what the process holds, when it is asked: what is garbage does not count.
process.on('message', (asked) => {
  if (asked !== 'memory') return
  globalThis.gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  process.send({ held: heapUsed + external, rss })
})
