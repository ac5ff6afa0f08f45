import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { argumentsIn, GitServer, git } from '../../support/git-server.ts'
import { commandsNamed } from '../../support/proc.ts'
import { needsRoot, needsTool } from '../../support/tools.ts'
import { Apart, type How } from './apart.ts'

const SECRET = 'not-for-steps'
const patient = { timeout: 120_000 }

const known = { 'run-as': needsRoot(), sandbox: needsTool('bwrap') } as const

for (const how of Object.keys(known) as How[]) {
  known[how](`a hostile step under ${how}`, patient, () => {
    const apart = new Apart(how)

    test('reads nothing of the agent: its environment, memory, files and folder', async () => {
      const { pid } = process
      const names = ['environ', 'mem', 'maps', 'auxv', 'io', 'stack', 'syscall']
      const job = await apart.commands(
        ...names.map((name) => `head -c 1 /proc/${pid}/${name} && echo OPEN ${name}`),
        `for d in fd cwd root map_files; do ls /proc/${pid}/$d/ && echo OPEN $d; done`,
        `kill -0 ${pid} && echo OPEN to signals`,
        'echo tried',
      )
      expect(job.text('a', 'out')).toBe('tried\n')
    })

    test('reads and changes no file that is kept from it', async () => {
      const file = join(apart.scratch, 'token')
      const folder = join(apart.scratch, 'data')
      await mkdir(folder, { mode: 0o700 })
      for (const path of [file, join(folder, 'journal')]) await writeFile(path, SECRET, { mode: 0o600 })
      await apart.open({ secrets: [file, folder] })
      const job = await apart.commands(
        `cat ${file} ${folder}/journal; ls ${folder}`,
        `for f in ${file} ${folder}/journal ${folder}/new; do echo x >$f; done`,
        'echo tried',
      )
      expect(job.text('a', 'out')).toBe('tried\n')
      expect(readdirSync(folder)).toEqual(['journal'])
    })

    test('sees nothing of a workflow that runs beside it, even if that opens all it has', async () => {
      await apart.open()
      const other = await apart.beside(`echo ${SECRET} >secret; chmod 777 . secret "$HOME" "$TMPDIR"; echo $$; pwd`)
      const [pid, folder] = other.said
      const root = join(folder ?? '', '..')
      const job = await apart.commands(
        `ls ${root} ${folder} ${apart.root} ${apart.root}/drumline`,
        `timeout 5 cat ${folder}/secret ${root}/steps/0/script ${root}/steps/0/out`,
        `echo x >${folder}/secret; echo x >${root}/steps/0/out`,
        `[ "$(readlink /proc/${pid}/cwd)" != ${folder} ] || cat /proc/${pid}/environ /proc/${pid}/cwd/secret`,
        `[ "$(readlink /proc/${pid}/cwd)" != ${folder} ] || kill ${pid}`,
        'echo tried',
      )
      const ran = other.job.events.length
      other.job.stop({ graceMs: 1_000 })
      await other.ended
      expect(ran).toBe(1)
      const seen = job.text('a').split('\n')
      expect(seen.filter((line) => line.includes(SECRET))).toEqual([])
      expect(job.text('a', 'out')).toMatch(how === 'run-as' ? /^tried\n$/ : /tried\n$/)
      expect(other.job.text('a')).not.toContain('x\n')
    })

    test('is given its own two pipes and no file that the agent has open', async () => {
      const file = await open(join(apart.scratch, 'open'), 'w')
      const job = await apart.commands('readlink /proc/self/fd/*')
      await file.close()
      const [stdin, ...more] = job.text('a', 'out').trimEnd().split('\n')
      const [out, err, ...others] = more.map((path) => path.replace(/.*\//, ''))
      expect([stdin, out, err]).toEqual(['/dev/null', 'out', 'err'])
      expect(others).not.toContain('open')
    })

    test('has no rights but its own: no other group, and nothing of root', async () => {
      const job = await apart.commands('grep -E "^(Groups|CapEff|CapPrm)" /proc/self/status; id -u')
      const [groups, permitted, effective, uid] = job.text('a', 'out').split('\n')
      expect([groups?.trim(), permitted, effective]).toEqual([
        'Groups:',
        'CapPrm:\t0000000000000000',
        'CapEff:\t0000000000000000',
      ])
      expect(Number(uid)).toBeGreaterThan(0)
    })

    test('leaves nothing running, however it hides', async () => {
      const name = `hidden-${process.pid}-${how}`
      const sleeper = `exec -a ${name} sleep 600`
      const job = await apart.run(
        apart.job({
          steps: [
            {
              name: 'a',
              image: 'bash',
              commands: [
                `setsid env -i bash -c '${sleeper}' >/dev/null 2>&1 & disown`,
                `(setsid bash -c 'trap "" TERM HUP; cd /; (${sleeper}) & wait' >/dev/null 2>&1 &)`,
                `until [ "$(pgrep -c -x -f '${name} 600')" = 2 ]; do sleep 0.05; done`,
              ],
            },
          ],
        }),
      )
      expect(job.outcomes).toEqual(['a success'])
      expect(commandsNamed(name)).toEqual([])
    })

    test('cannot have anything removed or changed outside by what it leaves', async () => {
      const outside = join(apart.scratch, 'outside')
      await mkdir(outside)
      await writeFile(join(outside, 'kept'), SECRET, { mode: 0o644 })
      chmodSync(outside, 0o755)
      const swap = `while :; do rm -rf swap; mkdir -p swap/deep; rm -rf swap; ln -s ${outside} swap; done`
      await apart.commands(
        `ln -s ${outside} link; ln -s ${outside}/kept "$HOME/kept"; ln -s / "$TMPDIR/all"`,
        'mkdir -p locked/deep; touch locked/deep/file; chmod -R a-w locked; chmod 0 locked',
        `cd ..; mv workspace away; ln -s ${outside} workspace; rmdir home; ln -s ${outside} home; cd -`,
        `setsid sh -c '${swap}' >/dev/null 2>&1 &`,
      )
      expect(readdirSync(outside)).toEqual(['kept'])
      expect(readdirSync(join(apart.root, how === 'run-as' || process.getuid?.() === 0 ? 'drumline' : ''))).toEqual([])
    })

    test('gets no credential of a clone: it is in no list of arguments and no file', async () => {
      const seen: string[] = []
      const onRequest = () => void seen.push(...argumentsIn(apart.root))
      const server = new GitServer({ root: await repository(apart.scratch), login: 'git:pa55word', onRequest })
      const url = `${await server.listen()}/repo.git`
      const steps = [
        { name: 'clone', clone: { url, secret: 'TOKEN' } },
        { name: 'a', commands: ['cat file .git/config; env'] },
      ]
      const job = await apart.run(apart.job({ steps, secrets: { TOKEN: 'pa55word' } })).finally(() => server.close())
      expect(job.outcomes).toEqual(['clone success', 'a success'])
      expect(job.text('a', 'out')).toMatch(/^hello\n/)
      expect(job.text('a')).not.toContain('********')
      expect(seen.join('\n')).toContain('git clone')
      expect(seen.join('\n')).not.toContain('pa55word')
    })

    test('finds nothing of the workflow before it', async () => {
      await apart.open({ capacity: 1 })
      const first = await apart.commands('echo left >file; echo left >"$HOME/file"; pwd')
      const folder = first.text('a', 'out').trim()
      expect(existsSync(folder)).toBe(false)
      const second = await apart.commands('find "$PWD" "$HOME" "$TMPDIR" -mindepth 1', 'echo looked')
      expect(second.text('a', 'out')).toBe('looked\n')
    })
  })
}

describe('what is to be kept from steps and is not', () => {
  needsRoot()('under run-as', () => {
    const apart = new Apart('run-as')

    test.each([
      ['can be read by all', 0o644],
      ['can be changed by all', 0o622],
    ])('is named if it %s, and nothing runs', async (_, mode) => {
      const file = join(apart.scratch, 'token')
      writeFileSync(file, SECRET)
      chmodSync(file, mode)
      await expect(apart.open({ secrets: [file] })).rejects.toThrow(`${file} is open to 607`)
    })
  })

  needsTool('bwrap')('under sandbox', () => {
    const apart = new Apart('sandbox')

    test('is named if it lies in what the sandbox shows, and nothing runs', async () => {
      const file = join(apart.scratch, 'token')
      await expect(apart.open({ secrets: [file], binds: [apart.scratch] })).rejects.toThrow(
        `${file} lies in what the sandbox shows`,
      )
    })

    test('are all workspaces: a path that holds them is refused', async () => {
      await expect(apart.open({ binds: [join(apart.root, '..')] })).rejects.toThrow('where all workspaces are')
    })
  })
})

/** A bare repository `repo.git` of one commit; answers its folder. */
async function repository(folder: string): Promise<string> {
  const work = join(folder, 'work')
  await mkdir(work)
  await writeFile(join(work, 'file'), 'hello\n')
  git(work, 'init', '--quiet', '.')
  git(work, 'add', 'file')
  git(work, 'commit', '--quiet', '-m', 'first')
  git(folder, 'clone', '--quiet', '--mirror', 'work', 'repo.git')
  return folder
}
