import { describe, expect, test } from 'vitest'
import type { RecordingJob } from '../../support/recording-job.ts'
import { LocalStage } from './stage.ts'

const stage = new LocalStage()

function withSecrets(secrets: Record<string, string>, ...commands: string[]): Promise<RecordingJob> {
  return stage.run(stage.job({ secrets, steps: [{ name: 'a', commands }] }))
}

describe('a secret in the output of a step', () => {
  const TOKEN = 'open-sesame'

  test.each([
    ['its variable', 'echo "is $TOKEN"', 'is ********\n'],
    ['two writes', 'printf "is open-"; sleep 0.1; echo sesame', 'is ********\n'],
    [
      'as many writes as it has letters',
      'for c in o p e n - s e s a m e; do printf $c; sleep 0.01; done',
      '********\n',
    ],
    ['two programs', 'sh -c "printf open-"; sh -c "echo sesame"', '********\n'],
    ['progress on one line', String.raw`printf 'a\ropen-'; sleep 0.05; printf 'sesame\rb\n'`, 'a\r********\rb\n'],
  ])('is masked when it comes by %s', async (_, command, shown) => {
    const job = await withSecrets({ TOKEN }, command)
    expect(job.text('a', 'out')).toBe(shown)
  })

  test('is masked when two commands print a half each', async () => {
    const job = await withSecrets({ TOKEN }, 'printf "is open-"', 'printf sesame', 'echo end')
    expect(job.text('a', 'out')).toBe('is ********\nend\n')
  })

  test('is masked on stderr too, and not made of pieces of both streams', async () => {
    const job = await withSecrets({ TOKEN }, 'echo "$TOKEN" >&2; printf open- >&2; echo sesame')
    expect(job.text('a', 'err')).toBe('********\nopen-\n')
    expect(job.text('a', 'out')).toBe('sesame\n')
  })

  test('is masked line by line, whatever the shell makes of its lines', async () => {
    const KEY = '-----BEGIN KEY-----\nabcdefgh\nxy\n-----END KEY-----\n'
    const job = await withSecrets({ KEY }, 'echo "$KEY"', 'echo $KEY', `printf %s "$KEY" | sed 's/^/> /'`)
    expect(job.text('a', 'out')).toBe(
      '********\n********\nxy\n********\n\n' +
        '******** ******** xy ********\n' +
        '> ********\n> ********\n> xy\n> ********\n',
    )
  })

  test.each(['sh', 'bash'])('is masked in what `set -x` of %s shows', async (image) => {
    const steps = [{ name: 'a', image, commands: ['set -x', 'echo "$TOKEN" >/dev/null'] }]
    const job = await stage.run(stage.job({ secrets: { TOKEN: `it's "open" \\ now` }, steps }))
    expect(job.text('a', 'err')).toMatch(/^\+ echo '?\*{8}'?\n$/)
  })

  test('is masked with those it overlaps, begins or ends', async () => {
    const secrets = { A: 'secret-one', B: 'one-more', C: 'secret', D: 'more' }
    const job = await withSecrets(secrets, 'echo secret-one-more; echo $C; echo "$D $A"')
    expect(job.text('a', 'out')).toBe('********\n********\n******** ********\n')
  })

  test('is masked in the middle of a line without end, and the line is cut after that', async () => {
    const fill = (count: number) => `head -c ${count} /dev/zero | tr '\\0' x`
    const job = await withSecrets({ TOKEN }, `${fill(8185)}; printf open-; sleep 0.1; printf sesame; ${fill(50)}`)
    const pieces = job
      .lines('a')
      .slice(1)
      .map((line) => line.replace(/x+/g, (all) => `${all.length}x`))
    expect(pieces).toEqual(['out+: 8185x******', 'out: **50x'])
  })

  test('of three characters is left, since it would blot out half of the log', async () => {
    expect((await withSecrets({ YES: 'yes' }, 'echo $YES')).text('a', 'out')).toBe('yes\n')
  })
})
