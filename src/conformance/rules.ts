/** What a rule asks: `required` of everybody, `recommended` to be a good neighbour. */
export type Level = 'required' | 'recommended'

/** One sentence of the protocol that an end can be held to. */
export interface Rule {
  /** For people; it stays, and new rules are added behind the last of their side. */
  readonly id: `R${number}`
  readonly level: Level
  readonly text: string
}

const must = (id: Rule['id'], text: string): Rule => ({ id, level: 'required', text })
const should = (id: Rule['id'], text: string): Rule => ({ id, level: 'recommended', text })

/** What a server is held to. */
export const SERVER_RULES = {
  credential: must(
    'R1',
    'A missing, wrong or revoked credential is refused before the upgrade: 401, with `drumline: 1`.',
  ),
  origin: must('R2', 'A machine’s credential beside an `Origin` is refused before the upgrade: 403.'),
  upgrade: must(
    'R3',
    'The upgrade agrees on `drumline.v1` and no extension; without that subprotocol it is refused: 400.',
  ),
  welcome: must(
    'R4',
    '`hello` is answered by one `welcome`, whose `connection` is higher with every hello of an agent.',
  ),
  frames: must('R5', 'Every frame is as its schema says.'),
  lateHello: must('R6', 'A connection that sends no `hello` within 5 s is closed with 4001.'),
  helloFirst: must('R7', 'Any other frame before `welcome` ends the connection with 4502.'),
  secondHello: must('R8', 'A second `hello` ends the connection with 4502.'),
  helloKeys: must('R9', 'Unknown keys in `hello` are ignored.'),
  version: must('R10', 'A `hello` without a version that the server speaks ends the connection with 4503.'),
  roles: must('R11', 'The credential decides whether `hello` names an agent: otherwise 4500.'),
  envelope: must(
    'R12',
    'A frame that is no JSON, of unknown type, incomplete, with an unknown key, or not the client’s: 4502.',
  ),
  bounds: must('R13', 'A forbidden key, nesting over 24 or over 10,000 values: 4502.'),
  batch: must('R14', 'A batch of none or over 256 frames: 4502. The frames before a bad one have happened.'),
  size: must('R15', 'A message over 256 KiB after `hello` ends the connection with 1009.'),
  binary: must('R16', 'A binary message ends the connection with 1003.'),
  answers: must(
    'R17',
    'Every request gets exactly one answer; aborted, `next` answers null; an unknown `abort` is ignored.',
  ),
  badCall: must(
    'R18',
    'An unknown method is `unknown_method`, wrong params are `bad_request`, and the connection goes on.',
  ),
  forbidden: must('R19', 'An agent may not call operators’ methods, nor they an agent’s: `forbidden`.'),
  capacity: must('R20', 'More open `next` than the agent’s capacity are refused as `busy`.'),
  key: must(
    'R21',
    'A repeat with the same `key` has one effect and the same answer; with other params it is `conflict`.',
  ),
  offer: must('R22', 'A workflow is offered to one agent at a time, whose labels suit, and to no other.'),
  init: must('R23', '`init` brings the secrets, which no offer holds; a repeat is answered the same.'),
  lease: must('R24', 'A write under an unknown or foreign lease is `stale_lease`, alike, and changes nothing.'),
  step: must('R25', 'An `update` of a step that the workflow has not is refused and changes nothing.'),
  seq: must('R26', 'An `update` whose `seq` is not above the stored one succeeds and changes nothing.'),
  done: must('R27', 'The first `done` wins: a repeat is `already_done`, an `update` after it `stale_lease`.'),
  extend: must(
    'R28',
    '`extend` answers a verdict for each lease, `lost` for one it does not know, and never an error for one.',
  ),
  decline: must('R29', 'A declined workflow is offered to others, and for 30 s not to the same agent.'),
  newest: must('R30', 'Of two connections of one boot the newer wins; the older is closed with 4504.'),
  oldDial: must('R31', 'A `dial` that is not above the last of its boot is refused with 4007.'),
  otherBoot: must('R32', 'Another boot of a name whose connection answers pings gets `bye` and 4007.'),
  claims: must(
    'R33',
    'A claim of held work gets `keep` and the last line on disk of each step; an unknown one `lost`.',
  ),
  unclaimed: must('R34', 'A lease that its boot does not claim is closed, and its workflow offered again.'),
  ended: must(
    'R35',
    'A claim of an ended attempt gets `done`; one that is `fenced` gets `logs`, and its workflow is offered again.',
  ),
  stored: must('R36', 'Lines are acknowledged by `stored` once they can be read.'),
  twice: must('R37', 'Lines at or below `upto` are dropped, also as a part of a frame: no line is stored twice.'),
  hole: must('R38', 'A frame behind a hole is dropped, and answered by `stored` with `rewind`.'),
  gap: must('R39', 'A `gap` is stored like lines and raises `upto`.'),
  credit: must('R40', 'The credit only rises, and follows what was stored or dropped; far beyond it: 4502.'),
  strayLog: must('R41', 'Lines of an unknown lease or step are dropped, give their credit back, and harm nothing.'),
  rest: must(
    'R42',
    'An ended attempt takes its lines until the counts of `done` are reached: then its log is `complete`.',
  ),
  cancel: must(
    'R43',
    '`cancel` is pushed at once, repeated within 5 s and after `welcome` until it has a receipt, and then no more.',
  ),
  intent: must('R44', 'A cancel wins over a success that is reported later: the workflow is `canceled`.'),
  revoke: must('R45', 'A requeue sends `revoke` to the holder; the next attempt is offered once it is `stopped`.'),
  strayReceipt: must('R46', 'Receipts for unknown leases are taken and change nothing.'),
  ping: must('R47', 'A silent connection is pinged every 15 s.'),
  unread: must(
    'R48',
    'A client that reads nothing is left unread, or closed once 1 MiB has waited for 10 s; others notice nothing.',
  ),
  revoked: must('R49', 'When a credential is revoked, its connections are closed with 4501.'),
} as const satisfies Record<string, Rule>

/** What an agent is held to. */
export const AGENT_RULES = {
  dial: must('R101', 'It dials `/bus` with its token as Bearer, the subprotocol `drumline.v1` and no `Origin`.'),
  hello: must(
    'R102',
    'Its first frame is a `hello` that names version 1 and the agent; until `welcome` nothing else comes.',
  ),
  boots: must('R103', 'All connections of a run have the same `boot`, and a `dial` that starts at 1 and rises.'),
  frames: must('R104', 'Every frame is as its schema says, in messages within `welcome.limits`.'),
  ids: must('R105', 'Requests are numbered 1, 2, 3 … on each connection.'),
  pong: must('R106', 'WebSocket pings are answered.'),
  next: must('R107', 'It keeps as many `next` open as it has free capacity, and never more.'),
  accept: must('R108', 'An offer is answered by `init`, or `decline`, within `offerMs`.'),
  init: must('R109', 'Nothing is said of a lease before its `init` is answered.'),
  updates: must('R110', '`update` tells each step’s start and end, with a `seq` that counts from 1 per step.'),
  done: must('R111', '`done` comes last, with every step’s state and exit code as they ended.'),
  lines: must('R112', 'Lines are numbered from 1 without holes, and `done` counts them.'),
  pieces: must('R113', 'A line over `lineBytes` travels in pieces, all but the last of a kind with `+`.'),
  credit: must('R114', 'It never sends more than its credit, and goes on when there is more.'),
  rewind: must('R115', 'After `rewind` it goes on from `upto` + 1.'),
  kept: must('R116', 'What is not `stored` is sent again after a cut, and nothing at or below `upto`.'),
  extend: must('R117', 'Every lease is in an `extend` at least three times per TTL.'),
  receipts: must('R118', 'A `cancel` is receipted `received` and `stopped`, and again each time it is repeated.'),
  canceled: must('R119', 'A cancelled workflow ends within its grace, and `done` says `canceled`.'),
  stopping: should('R120', 'A `cancel` is also receipted `stopping`, when the work has been told.'),
  unknownLease: must('R121', 'A `cancel` or `revoke` of a lease it does not hold is receipted `stopped`.'),
  revoke: must('R122', 'After `revoke` it stops, receipts `stopped`, and reports nothing else.'),
  again: must('R123', 'After a cut it dials again, not at once, and also when something else than Drumline answers.'),
  claims: must('R124', 'Its next `hello` claims every lease that it holds, with phase and lines.'),
  unanswered: must('R125', 'Unanswered `init`, `update` and `done` are sent again, in order, before anything new.'),
  doneOnce: must('R126', '`already_done`, and the verdict `done`, count as success: `done` is not sent again.'),
  onlyLines: must('R127', 'After the verdict `logs` only the lines come that are missing.'),
  lost: must('R128', 'After the verdict `lost` the work stops and nothing more is reported.'),
  stale: must('R129', 'After `stale_lease` the work stops and nothing more is reported.'),
  later: must('R130', 'An error with `retry: later` is answered by the same call, not before `retryAfterMs`.'),
  fence: must('R131', 'Without answers it stops by its own clock, and says `fenced` once it has stopped.'),
  bye: must('R132', 'After `bye` it comes back at its slot, not before.'),
  silence: must('R133', 'A connection without a byte for `heartbeat.timeoutMs` is given up, and dialled anew.'),
  retryCodes: must('R134', 'It dials again after a close code of 4000–4499 that it has never seen.'),
  stopCodes: must('R135', 'It stays away after a close code of 4500–4999 that it has never seen.'),
  prompt: should('R136', 'A line leaves within a second of being written.'),
} as const satisfies Record<string, Rule>

/** A rule of a server, by its name here. */
export type ServerRule = keyof typeof SERVER_RULES
/** A rule of an agent, by its name here. */
export type AgentRule = keyof typeof AGENT_RULES
