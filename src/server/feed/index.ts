export { Feed, type SubscribeAsk } from './feed.ts'
export { FeedPump } from './pump.ts'
export type { FeedSink } from './sink.ts'
export { type Readable, snapshotOf } from './snapshot.ts'
