export { Trend } from './trend.ts'
