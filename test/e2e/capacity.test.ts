import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { onStage } from '../support/on-stage.ts'
import type { Stage } from '../support/stage.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'

const CAPACITY = 4
const WORKFLOWS = 8

// The first four wait for each other, so four at once are reached or nothing ends; all linger, so that a fifth would show.
const yaml = (tally: string) => `
name: counted
steps:
  - name: work
    commands:
      - echo + >> ${tally}
      - until [ "$(grep -c + ${tally})" -ge ${CAPACITY} ]; do sleep 0.05; done
      - sleep 0.3
      - echo - >> ${tally}
`

test(
  'an agent of capacity 4 runs four of eight workflows at a time, over one TCP connection',
  { timeout: 60_000 },
  () =>
    onStage(async (stage) => {
      await stage.serve()
      const proxy = await TcpProxy.before(stage)
      const tally = stage.write('tally', '')
      const file = stage.write('counted.yaml', yaml(tally))
      const agent = await stage.agent({ name: 'four', capacity: CAPACITY, url: proxy.url })

      const ids = await submitAll(stage, Array<string>(WORKFLOWS).fill(file))
      for (const id of ids) expect(await stage.watch.ended(id)).toMatchObject({ state: 'success', attempt: 1 })

      agent.signal('SIGTERM')
      await agent.finished()
      expect(running(readFileSync(tally, 'utf8'))).toEqual({ most: CAPACITY, started: WORKFLOWS, last: 0 })
      expect(proxy.accepted).toBe(1)
    }),
)

async function submitAll(stage: Stage, files: string[]): Promise<string[]> {
  const answer = (await stage.json('submit', ...files)) as { workflows: { id: string }[] }
  return answer.workflows.map(({ id }) => id)
}

function running(tally: string): { most: number; started: number; last: number } {
  let now = 0
  let most = 0
  let started = 0
  for (const sign of tally.trim().split('\n')) {
    now += sign === '+' ? 1 : -1
    if (sign === '+') started++
    most = Math.max(most, now)
  }
  return { most, started, last: now }
}
