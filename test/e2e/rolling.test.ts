import { expect, test } from 'vitest'
import { onStage } from '../support/on-stage.ts'
import type { Stage } from '../support/stage.ts'
import { Ticker } from '../support/ticker.ts'

const PATIENCE_MS = 90_000

async function askForLog(stage: Stage, id: string, query = ''): Promise<Response> {
  const headers = { authorization: `Bearer ${stage.adminToken}` }
  const response = await fetch(`${stage.server.url}/api/workflows/${id}/logs${query}`, { headers })
  expect(response.status).toBe(200)
  return response
}

/** All that comes, and whether it looked whole. */
async function readToItsEnd({ body }: Response): Promise<{ text: string; whole: boolean }> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const piece of body ?? []) text += decoder.decode(piece, { stream: true })
    return { text, whole: true }
  } catch {
    return { text, whole: false }
  }
}

/** SIGTERM, the end, and a new start over the same data. */
async function restart(stage: Stage): Promise<void> {
  const { process } = stage.server
  process.signal('SIGTERM')
  expect(await process.finished(PATIENCE_MS)).toEqual({ code: 0, signal: null })
  await stage.serve()
}

const speaker = (gate: string) => `
name: speaker
steps:
  - name: speak
    commands: |
      tick=0
      until [ -e ${gate} ]; do tick=$((tick + 1)); echo "said $tick"; sleep 0.05; done
      echo "said all"
`

test(
  'a server that is exchanged three times restarts nothing, rejects nothing, and those who follow see every line once',
  { timeout: 360_000 },
  () =>
    onStage(async (stage) => {
      await stage.serve()
      await stage.agent({ name: 'steady', capacity: 2 })
      const ticker = await Ticker.submit(stage)
      await ticker.ticked(5)
      const gate = stage.path('speaker.gate')
      const file = stage.write('speaker.yaml', speaker(gate))
      const env = { DRUMLINE_URL: stage.server.url, DRUMLINE_TOKEN: stage.adminToken }
      const submitting = stage.start(['submit', file, '--follow'], env)
      const following = stage.start(['logs', ticker.id, '--follow'], env)
      await submitting.says(/said 5\n/, PATIENCE_MS)
      await following.says(/tick 5 of 1\n/, PATIENCE_MS)
      const waiting: string[] = []
      for (let round = 1; round <= 3; round++) {
        waiting.push(await stage.submit('steps: [{name: a, commands: "true"}]\n', '--name', `waits-${round}`))
        const streaming = readToItsEnd(await askForLog(stage, ticker.id, '?follow=1'))
        await restart(stage)
        const { text, whole } = await streaming
        expect(whole).toBe(false)
        const before = (await ticker.ticked()).steps[0]?.lines ?? 0
        await ticker.ticked(before + 20)
        await following.says(new RegExp(`tick ${before + 10} of 1\n`), PATIENCE_MS)
        expect((await (await askForLog(stage, ticker.id)).text()).startsWith(text)).toBe(true)
      }
      stage.write('speaker.gate', '')
      ticker.letGo()
      await ticker.expectOnce(PATIENCE_MS)
      for (const id of waiting) {
        expect(await stage.watch.ended(id, PATIENCE_MS)).toMatchObject({ state: 'success', attempt: 1 })
      }
      expect(await following.finished(PATIENCE_MS)).toMatchObject({ code: 0 })
      expect(following.stdout()).toBe((await stage.run(['logs', ticker.id])).stdout)
      expect(await submitting.finished(PATIENCE_MS)).toMatchObject({ code: 0 })
      const said = [...submitting.stdout().matchAll(/said (\d+)\n/g)].map(([, number]) => Number(number))
      expect(said.length).toBeGreaterThan(5)
      expect(said).toEqual(said.map((_, at) => at + 1))
    }),
)
