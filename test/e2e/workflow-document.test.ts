import { expect, test } from 'vitest'
import { onStage } from '../support/on-stage.ts'
import { blocks, said } from '../workflow/document.ts'

test('every whole file in docs/workflows.md ends as it says, and prints what it says', { timeout: 240_000 }, () =>
  onStage(async (stage) => {
    await stage.serve()
    await stage.agent({ name: 'worker', capacity: 4 })
    const runs = blocks().filter((block) => block.runs)
    const files = runs.map((block, index) => stage.write(said(block, 'file') ?? `file-${index}.yaml`, block.text))
    const { workflows } = (await stage.json('submit', ...files)) as { workflows: { id: string }[] }
    const ended = await Promise.all(workflows.map(({ id }) => stage.watch.ended(id, 120_000)))
    for (const block of runs) {
      const name = /^name: (.*)$/m.exec(block.text)?.[1] ?? ''
      const own = ended.filter((one) => one.name === name || one.name.startsWith(`${name} (`))
      expect(new Set(own.map(({ state }) => state)), block.where).toEqual(new Set([said(block, 'expect')]))
      const begun = own.filter(({ attempt }) => attempt > 0)
      const logs = await Promise.all(begun.map(({ id, attempt }) => stage.watch.log(id, attempt)))
      const lines = logs.flatMap(({ output }) => output)
      const prints = said(block, 'prints')
      expect(prints === undefined || lines.includes(prints), `${block.where}: ${lines.join('\n')}`).toBe(true)
    }
  }),
)
