/** Hears how a client's connection stands. Must not throw. */
export interface LinkWatch {
  /** There is none, and why. It is dialled again after so many milliseconds; null: never. */
  down(why: unknown, againMs: number | null): void
  /** It is being dialled. */
  dialling(): void
  /** The server has greeted. */
  welcomed(): void
  /** Every subscription goes on. */
  caughtUp(): void
}
