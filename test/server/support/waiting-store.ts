import type { Store } from '../../../src/server/store/store.ts'

type Held = 'hello' | 'revokeCredential' | 'findCredential'

/** A store one of whose operations waits before it is asked, from `hold` until `release`. */
export function waitingStore(name: Held) {
  let gate: Promise<void> | undefined
  let open = (_error?: Error): void => {}
  const hold = (): void => {
    gate = new Promise((resolve, reject) => {
      open = (error) => (error === undefined ? resolve() : reject(error))
    })
  }
  const wrap = (store: Store): Store => {
    const held = async (...args: unknown[]): Promise<unknown> => {
      await gate
      return Reflect.apply(store[name], store, args)
    }
    return { ...store, [name]: held, as: (who) => wrap(store.as(who)) }
  }
  return { wrap, hold, release: (error?: Error) => open(error) }
}
