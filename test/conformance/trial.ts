import type { Verdict } from '../../src/conformance/index.ts'
import type { Running } from '../support/running.ts'
import type { Stage } from '../support/stage.ts'

/** `drumline conformance --listen`, waiting for an agent that the test starts. */
export class Trial {
  readonly url: string
  readonly token: string
  readonly #process: Running

  private constructor(process: Running, url: string, token: string) {
    this.#process = process
    this.url = url
    this.token = token
  }

  /** `rules`: only these; none: all. */
  static async listen(stage: Stage, rules: readonly string[] = []): Promise<Trial> {
    const only = rules.flatMap((id) => ['--rule', id])
    const process = stage.start(['conformance', '--listen', '--json', ...only])
    const [line] = await process.says(/^\{.*\}\n/, 60_000)
    const { listening, token } = JSON.parse(line) as { listening: string; token: string }
    return new Trial(process, listening, token)
  }

  /** Waits for its end; `broken` are the required rules that are not kept, or were not tried. */
  async verdicts(): Promise<{ code: number | null; verdicts: Verdict[]; broken: Verdict[] }> {
    const { code } = await this.#process.finished(600_000)
    const [, line = ''] = this.#process.stdout().split('\n')
    const { verdicts } = JSON.parse(line) as { verdicts: Verdict[] }
    const broken = verdicts.filter(({ level, verdict }) => level === 'required' && verdict !== 'pass')
    return { code, verdicts, broken }
  }
}
