/** Places at which a test has the server die. In production nothing of it stands in anybody's way. */
export { probedMeter } from './meter.ts'
export { crashProbe } from './probe.ts'
export { probedStore } from './store.ts'
