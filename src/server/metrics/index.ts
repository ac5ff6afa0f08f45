export { Metrics, type Totals } from './metrics.ts'
