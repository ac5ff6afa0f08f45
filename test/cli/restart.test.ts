import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { onStage } from '../support/on-stage.ts'
import { waitUntil } from '../support/wait-until.ts'

const speaker = (begun: string, gate: string) => `
name: speaker
steps:
  - name: speak
    commands:
      - for i in $(seq 1 40); do echo "line $i"; sleep 0.05; done; touch ${begun}
      - until [ -e ${gate} ]; do sleep 0.05; done
      - seq 41 60
`

test(
  'submit --follow goes on over a server that was killed, without losing or repeating a line',
  { timeout: 150_000 },
  () =>
    onStage(async (stage) => {
      const { process: server } = await stage.serve()
      await stage.agent({ name: 'worker' })
      const [begun, gate] = [stage.path('begun'), stage.path('gate')]
      const file = stage.write('speaker.yaml', speaker(begun, gate))
      const env = { DRUMLINE_URL: stage.server.url, DRUMLINE_TOKEN: stage.adminToken }
      const following = stage.start(['submit', file, '--follow'], env)
      await following.says(/line 5\n/)
      await server.kill()
      await waitUntil(() => existsSync(begun), { limitMs: 40_000, what: 'the lines spoken without a server' })
      await stage.serve()
      stage.write('gate', '')

      expect(await following.finished(90_000)).toMatchObject({ code: 0 })
      const spoken = following
        .stdout()
        .split('\n')
        .filter((line) => /^\[speak\] (line )?\d+$/.test(line))
      const expected = Array.from({ length: 60 }, (_, index) => `[speak] ${index < 40 ? 'line ' : ''}${index + 1}`)
      expect(spoken).toEqual(expected)
      expect(following.stderr()).toContain('speaker: success')
    }),
)
