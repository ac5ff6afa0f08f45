import { AGENT_RULES, type AgentRule } from '../rules.ts'
import { Deviation, failed, passed, shown, skipped, type Verdict } from '../verdict.ts'

/** What was asked of the agent first did not come: there is nothing to go on with. */
export class Abandoned extends Error {
  override readonly name = 'Abandoned'
}

/** Keeps what is seen of an agent, rule by rule. What failed once has failed. */
export class Judge {
  readonly #failed = new Map<AgentRule, Deviation>()
  readonly #passed = new Map<AgentRule, Set<string>>()
  /** How often a rule was seen to be kept that always holds. */
  readonly #kept = new Map<AgentRule, number>()

  pass(rule: AgentRule, seen: string): void {
    const all = this.#passed.get(rule) ?? new Set()
    this.#passed.set(rule, all.add(seen))
  }

  fail(rule: AgentRule, expected: string, seen: unknown): void {
    if (!this.#failed.has(rule)) this.#failed.set(rule, new Deviation(expected, shown(seen)))
  }

  /** Passes if it holds, else fails. */
  that(rule: AgentRule, holds: boolean, expected: string, seen: unknown): void {
    if (holds) this.pass(rule, shown(seen))
    else this.fail(rule, expected, seen)
  }

  /** Of a rule that always holds: counts, or fails. */
  always(rule: AgentRule, holds: boolean, expected: string, seen: unknown): void {
    if (holds) this.#kept.set(rule, (this.#kept.get(rule) ?? 0) + 1)
    else this.fail(rule, expected, seen)
  }

  /** Passes with what `look` tells, fails with the `Deviation` it throws; then the scene is `Abandoned`. */
  async sees<T>(rule: AgentRule, look: () => Promise<T>, tells: (found: T) => string): Promise<T> {
    try {
      const found = await look()
      this.pass(rule, tells(found))
      return found
    } catch (error) {
      if (error instanceof Deviation) this.fail(rule, error.expected, error.seen)
      throw error instanceof Deviation ? new Abandoned(error.message) : error
    }
  }

  /** A scene went wrong before it could show these rules; what is known of them stays. */
  miss(rules: readonly AgentRule[], { expected, seen }: Deviation): void {
    for (const rule of rules) if (!this.#passed.has(rule)) this.fail(rule, expected, seen)
  }

  verdict(name: AgentRule, why: string): Verdict {
    const rule = AGENT_RULES[name]
    const deviation = this.#failed.get(name)
    if (deviation !== undefined) return failed(rule, deviation)
    const kept = this.#kept.get(name)
    const seen = [...(this.#passed.get(name) ?? (kept === undefined ? [] : [`kept ${kept} times`]))]
    return seen.length === 0 ? skipped(rule, why) : passed(rule, shown(seen.join('; ')))
  }
}
