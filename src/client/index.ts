/** An operator's or watcher's end of the bus, over any port. In Node, `drumline/client` also dials: see `node.ts`. */
export type { CallOptions, Client, Closed, Listener, Subscription } from './client.ts'
export { ENDED, type Followed, type FollowOptions, followLogs } from './follow.ts'
export { LogMerge } from './merge.ts'
export { type ClientOptions, openClient, type Session } from './session.ts'
