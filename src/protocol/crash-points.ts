/**
 * Places at which a process may die with consequences of its own: what is on disk there and what is not, who has heard of
 * it and who has not. One table, so that a test can take all of them, and one which names a place that is gone fails
 * instead of proving nothing.
 */
export const CRASH_POINTS = {
  'agent.lease.journaled': 'the lease is in the journal, `init` has not been sent',
  'agent.init.answered': '`init` was answered, nothing has been started',
  'agent.step.started': 'a step’s process runs and is in the journal',
  'agent.work.settled': 'the work has ended, its result is not in the journal',
  'agent.result.journaled': 'the result is in the journal, `done` has not been sent',
  'agent.done.answered': '`done` was answered',

  'server.credential.asked': 'the admin’s token is in its file, its credential not in the store',
  'server.credential.committed': 'a credential is on disk, nobody has been told its token',
  'server.hello.received': 'a hello has come, the store has not been asked',
  'server.hello.committed': 'a connection is numbered and its claims are judged, nobody has been told',
  'server.welcome.sent': 'a welcome has left',
  'server.request.received': 'a request has come, the store has not been asked',
  'server.response.sent': 'a request was answered',
  'server.submit.committed': 'workflows are on disk, nobody has been told their ids',
  'server.offer.asked': 'work and an agent were brought together, the store has not been asked',
  'server.offer.committed': 'an offer is on disk, its agent has not heard of it',
  'server.init.committed': 'a lease runs, its agent has not been told the secrets',
  'server.update.committed': 'a step’s state is on disk, its agent does not know',
  'server.extend.committed': 'a lease lives longer, its agent does not know',
  'server.done.committed': 'a result is on disk, its agent does not know',
  'server.log.received': 'lines have come, the store has not been asked',
  'server.log.committed': 'lines are on disk, their agent does not know',
  'server.stored.sent': 'an agent was told that lines are on disk',
  'server.cancel.committed': 'a cancel is on disk, neither operator nor agent has heard of it',
  'server.cancel.sent': 'a cancel was pushed to its agent',
  'server.receipt.committed': 'it is on disk how far a cancel has got',
  'server.requeue.committed': 'a workflow is in line again, its operator has not been told',
  'server.departure.committed': 'it is on disk that an agent’s connection is gone',
  'server.change.committed': 'something changed on disk, neither the queue’s index nor a subscriber has heard of it',
  'server.event.sent': 'a subscriber was told of a change',
  'server.sweep.committed': 'what was due by the clock is on disk, nobody has been told',
  'server.prune.committed': 'what was kept long enough is gone, or the next piece of it',
  'server.bye.sent': 'a client was told its slot to leave',
  'server.store.closing': 'everybody has left, the store is not closed',

  'store.opened': 'the database is open and has its schema, nobody has asked for anything',
  'store.batch.written': 'a transaction is written and not committed',
  'store.batch.committed': 'a transaction is committed, nobody has been answered',
  'store.prune.written': 'the transaction which removes what was kept long enough is not committed',
  'store.secrets.erased': 'secrets are erased, the write-ahead file still holds them',
  'store.secrets.scrubbed': 'the write-ahead file holds erased secrets no longer',
} as const

export type CrashPoint = keyof typeof CRASH_POINTS
