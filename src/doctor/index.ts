/** Names what stands between a machine and a server, one thing after the other. */
export { busUrl } from '../socket/index.ts'
export { examine } from './examine.ts'
export type { Finding } from './finding.ts'
export type { Patient } from './patient.ts'
