export type { Claim } from '../../../../src/protocol/index.ts'
export type { Change } from '../../../../src/server/store/change.ts'
export type { By, Credential, HelloAsk, Key, Store } from '../../../../src/server/store/store.ts'
