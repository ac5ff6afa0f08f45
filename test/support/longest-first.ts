import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take long, the longest first: one that began last would go on alone while the other workers have nothing to do. */
const LONG = [
  'test/e2e/crash-points.test.ts',
  'test/conformance/ours.test.ts',
  'test/conformance/broken-agent.test.ts',
  'test/e2e/soak.test.ts',
  'test/library/consumer.test.ts',
  'test/hazards/case-23-slow-browsers.test.ts',
]

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONG.findIndex((name) => moduleId.endsWith(name))
      return at < 0 ? LONG.length : at
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}
