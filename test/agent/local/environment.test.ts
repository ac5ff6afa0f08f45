import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { LocalStage } from './stage.ts'

const stage = new LocalStage()
const AGENT = {
  PATH: process.env.PATH,
  LANG: 'C.UTF-8',
  LC_ALL: 'C',
  TZ: 'Europe/Zurich',
  DRUMLINE_TOKEN: 'secret-token',
  DRUMLINE_URL: 'wss://ci',
  HOME: '/root',
  USER: 'agent',
  HTTPS_PROXY: 'http://proxy',
  no_proxy: '10.0.0.0/8',
  DRUMLINE_ADMIN_TOKEN: 'admin-token',
  UNSET: undefined,
}

function variables(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(/=(.*)/s, 2)),
  )
}

describe('the environment of a step', () => {
  test('is what the documents say and nothing else', async () => {
    const job = stage.job({ steps: [{ name: 'a', commands: ['exec env'] }] })
    await stage.run(job, { baseEnv: AGENT })
    const { HOME = '', TMPDIR, PWD, CI_WORKSPACE, ...rest } = variables(job.text('a', 'out'))
    expect(HOME).toMatch(new RegExp(`^${stage.root}/drumline-[^/]+/home$`))
    const root = HOME.replace(/\/home$/, '')
    expect({ TMPDIR, PWD, CI_WORKSPACE }).toEqual({
      TMPDIR: `${root}/tmp`,
      PWD: `${root}/workspace`,
      CI_WORKSPACE: `${root}/workspace`,
    })
    expect(rest).toEqual({
      PATH: process.env.PATH,
      LANG: 'C.UTF-8',
      LC_ALL: 'C',
      TZ: 'Europe/Zurich',
      CI: 'true',
      CI_WORKFLOW_NAME: 'build',
      CI_STEP_NAME: 'a',
      DRUMLINE_WORKFLOW_ID: 'wf-1',
      DRUMLINE_ATTEMPT: '1',
    })
  })

  test('has the workflow, then its secrets, then the step', async () => {
    const job = stage.job({
      workflow: { environment: { ONE: 'workflow', TWO: 'workflow', THREE: 'workflow', LANG: 'de' } },
      secrets: { TWO: 'sec', THREE: 'sec' },
      steps: [{ name: 'a', commands: ['echo $ONE $TWO $THREE $LANG'], environment: { THREE: 'step' } }],
    })
    await stage.run(job, { baseEnv: AGENT })
    expect(job.text('a', 'out')).toBe('workflow sec step de\n')
  })

  test('has what the agent was told to pass, but never what admits to the bus', async () => {
    const job = stage.job({
      steps: [{ name: 'a', commands: ['echo "$HTTPS_PROXY $no_proxy <$DRUMLINE_TOKEN$DRUMLINE_ADMIN_TOKEN$UNSET>"'] }],
    })
    await stage.run(job, {
      baseEnv: AGENT,
      passEnv: ['HTTPS_PROXY', 'no_proxy', 'DRUMLINE_TOKEN', 'DRUMLINE_ADMIN_TOKEN', 'UNSET'],
    })
    expect(job.text('a', 'out')).toBe('http://proxy 10.0.0.0/8 <>\n')
  })

  test('brings values unchanged, whatever is in them', async () => {
    const VALUE = `two\nlines 'quoted' "twice" $HOME \`id\` \\ é`
    const job = stage.job({ steps: [{ name: 'a', commands: ['printf %s "$VALUE"'], environment: { VALUE } }] })
    await stage.run(job)
    expect(job.text('a', 'out')).toBe(`${VALUE}\n`)
  })
})

describe('a step begins', () => {
  test('with an empty stdin, its two pipes and no file that the agent has open', async () => {
    const file = await open(join(stage.scratch, 'open'), 'w')
    const job = await stage.commands('readlink /proc/self/fd/*')
    await file.close()
    const [stdin, ...more] = job.text('a', 'out').trimEnd().split('\n')
    const [out, err, ...others] = more.map((path) => path.replace(/.*\//, ''))
    expect([stdin, out, err]).toEqual(['/dev/null', 'out', 'err'])
    expect(others).not.toContain('open')
  })

  test('as the leader of a session of its own, which has no terminal', async () => {
    const job = await stage.commands('cut -d " " -f 5-7 /proc/$$/stat; echo $$ $$ 0')
    const [found, wanted] = job.text('a', 'out').split('\n')
    expect(found).toBe(wanted)
  })

  test('with no signal ignored or blocked', async () => {
    const job = await stage.commands('exec grep -E "^Sig(Blk|Ign)" /proc/self/status')
    expect(job.text('a', 'out')).toBe('SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n')
  })

  test('with the umask of the agent', async () => {
    expect((await stage.commands('umask')).text('a', 'out')).toBe(`${process.umask().toString(8).padStart(4, '0')}\n`)
  })
})
