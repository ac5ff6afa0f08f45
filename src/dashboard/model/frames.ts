/** Runs a job in the next frame, however often it was asked for until then: a burst of changes is drawn once. */
export class Frames {
  readonly #job: () => void
  #asked = false

  constructor(job: () => void) {
    this.#job = job
  }

  ask(): void {
    if (this.#asked) return
    this.#asked = true
    const run = () => {
      if (!this.#asked) return
      this.#asked = false
      this.#job()
    }
    requestAnimationFrame(run)
    // A page in the background has no frames, and is read by those who listen to it.
    if (document.hidden) setTimeout(run, 500)
  }
}
