import { type Scope, scopeKey } from '../scope.ts'
import type { Topic } from './topic.ts'

const NONE: ReadonlyMap<string, Topic> = new Map()

/** Every topic that is listened to, or was a moment ago: under each name one for each scope that it is seen from. */
export class Topics {
  readonly #byName = new Map<string, Map<string, Topic>>()

  get size(): number {
    let size = 0
    for (const { size: scopes } of this.#byName.values()) size += scopes
    return size
  }

  has(name: string): boolean {
    return this.#byName.has(name)
  }

  of(name: string): Iterable<Topic> {
    return (this.#byName.get(name) ?? NONE).values()
  }

  get(name: string, scope: Scope): Topic | undefined {
    return this.#byName.get(name)?.get(scopeKey(scope))
  }

  add(topic: Topic): void {
    const scopes = this.#byName.get(topic.name) ?? new Map<string, Topic>()
    this.#byName.set(topic.name, scopes.set(scopeKey(topic.scope), topic))
  }

  delete({ name, scope }: Topic): void {
    const scopes = this.#byName.get(name)
    scopes?.delete(scopeKey(scope))
    if (scopes?.size === 0) this.#byName.delete(name)
  }

  clear(): void {
    this.#byName.clear()
  }
}
