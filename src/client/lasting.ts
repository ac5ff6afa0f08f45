import type { Listener, Subscription, Topic } from './client.ts'
import type { Session } from './session.ts'

/** A subscription that is made again on each connection. */
export class Lasting {
  readonly topic: Topic
  readonly listener: Listener
  #current: Subscription | undefined
  #times = 0
  #closed = false

  constructor(topic: Topic, listener: Listener) {
    this.topic = topic
    this.listener = listener
  }

  /** Registers on a connection; false if that was cut meanwhile. */
  async on(session: Session): Promise<boolean> {
    const { onMissed } = this.listener
    try {
      const subscription = await session.subscribe(this.topic, {
        onSnapshot: () => this.listener.onSnapshot?.(),
        onData: (data) => this.listener.onData(data),
        onMissed: (reason) => onMissed?.call(this.listener, reason),
      })
      if (this.#closed) subscription.close()
      else this.#current = subscription
    } catch (error) {
      if (session.isClosed) return false
      throw error
    }
    // Between two connections something may have passed.
    if (this.#times++ > 0 && this.topic.startsWith('logs/')) onMissed?.call(this.listener, 'a new connection')
    return true
  }

  close(): void {
    this.#closed = true
    this.#current?.close()
  }
}
