import type { BusError } from '../protocol/index.ts'
import type { Listener, Subscription, Topic } from './client.ts'
import type { Session } from './session.ts'
import { Told } from './told.ts'

/** A subscription that goes on over all connections. */
export class Lasting {
  readonly listener: Listener
  readonly #told: Told
  #session: Session | undefined
  #current: Subscription | undefined
  #times = 0

  /** `onOver`: the server has ended it, on a connection that goes on. */
  constructor(topic: Topic, listener: Listener, onOver: (error: BusError) => void) {
    this.listener = listener
    this.#told = new Told(topic, listener, (error) => {
      if (this.#session?.isClosed === false) onOver(error)
    })
  }

  /** Registers on a connection; false if that was cut meanwhile. */
  async on(session: Session): Promise<boolean> {
    this.#session = session
    try {
      this.#current = await session.listen(this.#told)
    } catch (error) {
      if (session.isClosed) return false
      throw error
    }
    if (this.#told.isOver) this.#current.close()
    // Between two connections something may have passed.
    else if (this.#times++ > 0 && this.#told.isLog) this.listener.onMissed?.('a new connection')
    return true
  }

  close(): void {
    this.#told.isOver = true
    this.#current?.close()
  }
}
