import { describe, expect, test } from 'vitest'
import { onStage } from '../support/on-stage.ts'
import type { Stage } from '../support/stage.ts'
import { Ear } from './secrets-ear.ts'
import { filesWith, formsOf, foundIn } from './secrets-search.ts'

/** Values as people have them: a token, one with what JSON and shells quote, a key of several lines, one beyond ASCII. */
const SECRETS: Record<string, string> = {
  TOKEN: 'correct-horse-7f3a9c',
  QUOTED: `pa"ss\\w$rd'%&<one>`,
  KEY: '-----BEGIN OPENSSH KEY-----\nb3BlbnNzaC1rZXktdjEA\nAAAABG5vbmUAAAAEbm9u\n-----END OPENSSH KEY-----\n',
  WIDE: 'pässwörd-日本-🔑',
}
/** Printed beside them, and no secret: where it is not found, nothing was looked at. */
const MARKER = 'in-plain-sight-51c2'

const TELLTALE = `
name: telltale
secrets: [TOKEN, QUOTED, KEY, WIDE]
steps:
  - name: plain
    commands: |
      echo ${MARKER}
      printenv TOKEN; printenv QUOTED; printenv KEY; printenv WIDE
      echo "$TOKEN" >&2; echo "x\${TOKEN}y\${TOKEN}$WIDE"
      env
  - name: traced
    commands: |
      set -x
      : "$TOKEN" "$QUOTED" "$WIDE"
      echo "$KEY"
  - name: in pieces
    commands: |
      for piece in correct - ho rse -7f 3a9 c; do printf '%s' "$piece"; sleep 0.05; done; echo
      printf '%s' "$KEY" | while read -r line; do printf '%s' "$line" | cut -c1-9 | tr -d '\\n'; sleep 0.05; printf '%s' "$line" | cut -c10-; done
  - name: in long lines
    commands: |
      head -c 8180 /dev/zero | tr '\\0' x; echo "$TOKEN"
      printf '\\377%s\\377\\r%s\\r\\n' "$TOKEN" "$WIDE"
  - name: in files
    commands: |
      printf '%s' "$KEY" > key; cp key "$HOME"; cp key "$TMPDIR"; mkdir -p deep; env > deep/env
      cat key deep/env
  - name: in errors
    commands: |
      cat "/nowhere/$TOKEN" || cd "/nowhere/$QUOTED" || exit 3
`
const CANCELED = 'name: canceled\nsecrets: [TOKEN, KEY]\nlabels: {pool: nobody}\nsteps: [{name: a, commands: env}]\n'

async function submitAll(stage: Stage): Promise<{ telltale: string; canceled: string }> {
  const files = [stage.write('telltale.yaml', TELLTALE), stage.write('canceled.yaml', CANCELED)]
  const names = Object.keys(SECRETS).flatMap((name) => ['--secret', name])
  const { code, stdout, stderr } = await stage.run(['submit', ...files, ...names, '--json'], SECRETS)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const { workflows } = JSON.parse(stdout) as { workflows: { id: string }[] }
  const [telltale = '', canceled = ''] = workflows.map(({ id }) => id)
  return { telltale, canceled }
}

/** What everybody is answered who may ask about these workflows, by the name of the question. */
async function answers(stage: Stage, ids: readonly string[]): Promise<Map<string, string>> {
  const [ended = ''] = ids
  const commands = [
    ...ids.map((id) => ['show', id, '--json']),
    ['logs', ended, '--commands'],
    ['logs', ended, '--json'],
    ...['show', 'explain', 'requeue'].map((command) => [command, ended]),
    ['list', '--json'],
    ['agents', '--json'],
  ]
  const found = new Map<string, string>()
  for (const args of commands) {
    const { stdout, stderr } = await stage.run(args)
    found.set(args.join(' '), stdout + stderr)
  }
  const paths = ids.flatMap((id) => [`/api/workflows/${id}`, `/api/workflows/${id}/logs`])
  for (const path of [...paths, '/api/workflows', '/api/agents', '/api/queue', '/metrics', '/readyz']) {
    const headers = { authorization: `Bearer ${stage.adminToken}` }
    found.set(path, await (await fetch(stage.server.url + path, { headers })).text())
  }
  return found
}

/** Subscribes to all there is, while the queue is held, so that nothing is missed. */
async function listenToAll(stage: Stage, ids: readonly string[]): Promise<Ear> {
  const ear = await Ear.open(stage.server.url, stage.adminToken)
  stage.cleanups.push(() => ear.close())
  const own = ids.flatMap((id) => [`workflow/${id}`, `logs/${id}`])
  for (const topic of ['workflows', 'agents', 'queue', ...own]) await ear.subscribe(topic)
  return ear
}

/** Runs both to their ends; answers everything that anybody was told meanwhile and is told afterwards. */
async function told(stage: Stage): Promise<Map<string, string>> {
  const agent = await stage.agent({ name: 'worker', data: true })
  await stage.json('queue', 'pause')
  const { telltale, canceled } = await submitAll(stage)
  const ear = await listenToAll(stage, [telltale, canceled])
  await stage.json('queue', 'resume')
  const env = { DRUMLINE_URL: stage.server.url, DRUMLINE_TOKEN: stage.adminToken }
  const following = stage.start(['logs', telltale, '-f', '--commands'], env)
  await stage.run(['cancel', canceled])
  const { steps } = await stage.watch.ended(telltale, 90_000)
  expect(steps.map(({ name, state }) => `${name}: ${state}`)).toEqual([
    ...['plain', 'traced', 'in pieces', 'in long lines', 'in files'].map((name) => `${name}: success`),
    'in errors: failure',
  ])
  await following.finished(60_000)
  const { process: server } = stage.server
  return new Map([
    ...(await answers(stage, [telltale, canceled])),
    ['the log', following.stdout()],
    ['the server', server.stdout() + server.stderr()],
    ['the agent', agent.stdout() + agent.stderr()],
    ['the bus', ear.messages.join('\n')],
  ])
}

describe('a workflow with a secret', { timeout: 240_000 }, () => {
  test('its value is in no log, no event, no answer, no file after its end', () =>
    onStage(async (stage) => {
      const forms = Object.values(SECRETS).flatMap(formsOf)
      const marker = formsOf(MARKER)
      await stage.serve()
      const said = await told(stage)

      // It had them, and printed them: there are stars in place of each.
      const log = said.get('the log') ?? ''
      for (const text of [`${MARKER}\n********\n********\n`, 'x********y*', 'TOKEN=********\n'])
        expect(log).toContain(text)
      for (const [who, text] of said) expect(foundIn(text, forms), who).toEqual([])
      const withLines = [...said].filter(([, text]) => foundIn(text, marker).length > 0).map(([who]) => who)
      expect(withLines).toEqual(expect.arrayContaining(['the log', 'the bus']))
      expect(withLines.filter((who) => who.includes('logs'))).toHaveLength(3)

      // The workflows have ended, and the server still runs.
      const database = expect.arrayContaining([expect.stringContaining('drumline-data')])
      expect(filesWith(stage.folder, marker)).toEqual(database)
      expect(filesWith(stage.folder, forms)).toEqual([])

      await stage.stopAgent('worker')
      await stage.server.process.kill()
      expect(filesWith(stage.folder, marker)).toEqual(database)
      expect(filesWith(stage.folder, forms)).toEqual([])
    }))
})
