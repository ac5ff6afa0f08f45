import type { CrashPoint, Probe } from '../../protocol/index.ts'
import type { Store } from '../store/store.ts'

type Points = { readonly [Op in keyof Store]?: CrashPoint }

/** Before the store is asked. */
const ASKED: Points = {
  createCredential: 'server.credential.asked',
  offer: 'server.offer.asked',
  close: 'server.store.closing',
}

/** What was asked is on disk, and whoever asked does not know. */
const COMMITTED: Points = {
  createCredential: 'server.credential.committed',
  hello: 'server.hello.committed',
  submit: 'server.submit.committed',
  offer: 'server.offer.committed',
  accept: 'server.init.committed',
  update: 'server.update.committed',
  extend: 'server.extend.committed',
  finish: 'server.done.committed',
  appendLog: 'server.log.committed',
  requestCancel: 'server.cancel.committed',
  receipt: 'server.receipt.committed',
  requeue: 'server.requeue.committed',
  disconnected: 'server.departure.committed',
  sweep: 'server.sweep.committed',
  prune: 'server.prune.committed',
}

/** The store, with places to die around what it is asked. */
export function probedStore(store: Store, probe: Probe): Store {
  return {
    ...store,
    ...probedCalls(store, probe),
    as: (who) => {
      const theirs = store.as(who)
      return { ...theirs, ...probedCalls(theirs, probe) }
    },
    onChange: (listener) =>
      store.onChange((changes) => {
        probe('server.change.committed')
        listener(changes)
      }),
  }
}

function probedCalls(store: Store, probe: Probe): Partial<Store> {
  const names = Object.keys({ ...ASKED, ...COMMITTED }) as (keyof Store)[]
  return Object.fromEntries(names.map((name) => [name, probed(store, name, probe)]))
}

/** Asks at once, as the store itself would be: calls take effect in the order they were made. */
function probed(store: Store, name: keyof Store, probe: Probe) {
  const { [name]: asked } = ASKED
  const { [name]: committed } = COMMITTED
  return async (...args: unknown[]): Promise<unknown> => {
    if (asked !== undefined) probe(asked)
    const answer: unknown = await Reflect.apply(store[name], store, args)
    if (committed !== undefined) probe(committed)
    return answer
  }
}
