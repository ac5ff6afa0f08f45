import type { Offer } from '../../protocol/index.ts'
import { type Entry, type Group, type Result, VERSION } from './entries.ts'

/** A lease as the journal knows it. */
export interface Held {
  readonly offer: Offer
  readonly folders: string[]
  readonly groups: Group[]
  /** How the work ended; undefined while nobody knows. */
  result: Result | undefined
}

type Boot = Extract<Entry, { type: 'boot' }>

/** What `hello.replaces` takes. */
const MOST_BOOTS = 64

/** What all entries so far come to. */
export class JournalState {
  /** Of the agent's name: as long as the journal lives. */
  suffix: string
  /** Not yet covered by a welcome, oldest first; the last may be this process. */
  readonly boots: { entry: Boot; welcomed: boolean }[] = []
  readonly leases = new Map<string, Held>()

  constructor(suffix: string) {
    this.suffix = suffix
  }

  apply(entry: Entry): void {
    switch (entry.type) {
      case 'journal':
        this.suffix = entry.suffix
        return
      case 'boot':
        this.#boot(entry)
        return
      case 'welcome':
        this.#welcome(entry.boot)
        return
      case 'lease':
        this.leases.set(entry.offer.lease, { offer: entry.offer, folders: [], groups: [], result: undefined })
        return
      case 'folder':
        this.leases.get(entry.lease)?.folders.push(entry.path)
        return
      case 'group':
        this.leases.get(entry.lease)?.groups.push(entry.group)
        return
      case 'result':
        this.#result(entry.result)
        return
      case 'gone':
        this.leases.delete(entry.lease)
    }
  }

  /** As few entries as say the same. */
  *entries(): Generator<Entry> {
    yield { type: 'journal', version: VERSION, suffix: this.suffix }
    for (const { entry, welcomed } of this.boots) {
      yield entry
      if (welcomed) yield { type: 'welcome', boot: entry.boot }
    }
    for (const [lease, { offer, folders, groups, result }] of this.leases) {
      yield { type: 'lease', offer }
      for (const path of folders) yield { type: 'folder', lease, path }
      for (const group of groups) yield { type: 'group', lease, group }
      if (result !== undefined) yield { type: 'result', result }
    }
  }

  #boot(entry: Boot): void {
    this.boots.push({ entry, welcomed: false })
    // One that never had a welcome holds nothing: it is named only so that nobody has to be asked whether it lives.
    if (this.boots.length <= MOST_BOOTS) return
    this.boots.splice(
      Math.max(
        0,
        this.boots.findIndex(({ welcomed }) => !welcomed),
      ),
      1,
    )
  }

  #welcome(boot: string): void {
    const at = this.boots.findIndex(({ entry }) => entry.boot === boot)
    const known = this.boots[at]
    if (known === undefined) return
    known.welcomed = true
    this.boots.splice(0, at)
  }

  #result(result: Result): void {
    const held = this.leases.get(result.lease)
    if (held !== undefined) held.result = result
  }
}
