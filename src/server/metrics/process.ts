import type { Instruments } from './instruments.ts'

/** The process as the operating system has it, under the names that dashboards know. */
export function processMetrics(make: Instruments): void {
  const begun = Date.now() / 1000 - process.uptime()
  make.counted('process_cpu_seconds_total', 'CPU time of this process, in user and system mode.', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  make.gauge('process_start_time_seconds', 'When this process began, in seconds since 1970.', () => begun)
  make.gauge('process_resident_memory_bytes', 'Memory of this process that is in use.', () => process.memoryUsage.rss())
  make.gauge('nodejs_heap_used_bytes', 'Memory that JavaScript objects take.', () => process.memoryUsage().heapUsed)
  make.gauge(
    'nodejs_external_memory_bytes',
    'Memory of buffers outside of the heap.',
    () => process.memoryUsage().external,
  )
}
