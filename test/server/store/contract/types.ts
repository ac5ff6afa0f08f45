export type { Claim } from '../../../../src/protocol/index.ts'
export type { By, Change, Credential, HelloAsk, Key, Store } from '../../../../src/server/store/store.ts'
