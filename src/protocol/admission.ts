import { day, hour, minute, second } from './units.ts'

/** Whom a server lets in. Who is turned away is told so before the upgrade, and when to come again. */
export const DOOR = {
  /** Connections of the bus at a time; `serve --max-connections`. */
  connections: 20_000,
  /** The same from one address (of IPv6: one /64); `serve --max-connections-per-address`. A fleet behind one router fits. */
  perAddress: 10_000,
  /** The same of one credential that is not an agent’s: 200 tabs of a few people, and their scripts. */
  perHolder: 1_000,
  /** Connections that have not said hello, of one credential … */
  unheard: 512,
  /** … and of all. */
  unheardAll: 1_024,
  /** Wrong credentials of one address within `guessesMs`; beyond it each is answered late, and 429. */
  guesses: 60,
  /** A minute. */
  guessesMs: 1 * minute,
  /** So late. */
  lateMs: 1 * second,
  /** Credentials that are looked up at a time, of one address … */
  lookups: 512,
  /** … and of all. */
  lookupsAll: 4_096,
  /** Sockets that have not asked for anything, of one address; then the one that is silent longest goes. */
  silent: 1_024,
  /** The same of all. */
  silentAll: 4_096,
  /** Upgrades within any second; further ones wait for their turn. */
  perSecond: 240,
  /** How many may wait. */
  waiting: 2_000,
} as const

/** What costs its sender nothing: pings, pongs, aborts, receipts, gaps, and requests that are answered with an error. */
export const FLOOD = {
  /** Of these together on a connection at once; then it is left unread until it has earned more … */
  burst: 5_000,
  /** … which are so many a second. */
  perSecond: 500,
} as const

/** Logins of pages: how long each secret is good, and how many there may be. */
export const LOGIN = {
  /** A login that nobody uses ends after this … */
  idleMs: 12 * hour,
  /** … and any after this. */
  maxMs: 7 * day,
  /** A code for one login. */
  codeMs: 10 * minute,
  /** A ticket for one connection. */
  ticketMs: 30 * second,
  /** Logins of a credential; one more ends the one that was not used for longest. */
  perCredential: 20,
  /** Codes of a credential that nobody has used; one more ends the oldest. */
  codes: 20,
  /** Tickets of a login that nobody has used; one more ends the oldest. */
  tickets: 20,
} as const

/** How long tokens live. */
export const TOKENS = {
  /** Of one that expires, the least. */
  lifetimeMin: 1 * second,
  /** The most: ten years. */
  lifetimeMax: 3653 * day,
  /** Of an enrolment token that names none. */
  enrolmentMs: 1 * hour,
  /** A token that was replaced stays good this long unless told otherwise. */
  overlapMs: 1 * day,
  /** The most. */
  overlapMax: 90 * day,
} as const
