/**
 * An operator's or watcher's end of the bus: over any port, and over a page's WebSocket. In Node, `drumline/client` also
 * dials: see `node.ts`.
 */
export { BusError, CloseError } from '../protocol/index.ts'
export type { CallOptions, Client, ClientMethod, Closed, Listener, Subscription, Topic } from './client.ts'
export { ENDED, type UntilEndedOptions, untilEnded } from './ended.ts'
export { type Followed, type FollowOptions, followLogs } from './follow.ts'
export { LogMerge } from './merge.ts'
export { type DialPageOptions, dialPage, type PageClient } from './page/dial-page.ts'
export type { Link } from './page/link.ts'
export { logIn, logOut, type Me, type Proof, whoAmI } from './page/login.ts'
export type { Fetch, Page, PageSocket, PageSocketClass } from './page/page.ts'
export type { Dial } from './redial.ts'
export { type ClientOptions, openClient, type Session } from './session.ts'
