export { type LocalOptions, localBackend } from './backend.ts'
