import { chmodSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isolate } from '../../../src/agent/isolation/isolation.ts'
import { listening } from '../../support/git-server.ts'
import { needsTool } from '../../support/tools.ts'
import { Apart } from './apart.ts'

needsTool('bwrap')('a sandbox', { timeout: 120_000 }, () => {
  const apart = new Apart('sandbox')

  test('shows the system, read-only, and no one else', async () => {
    const job = await apart.commands(
      'ls /; echo; ls /etc/passwd /etc/shadow 2>/dev/null; touch /usr/new /etc/new /new 2>/dev/null && echo WRITTEN',
      'ps -e -o pid= | wc -l; cat /proc/1/environ | tr "\\0" "\\n" | grep -v ^DRUMLINE_SANDBOX_OF=',
    )
    const [folders = '', rest = ''] = job.text('a', 'out').split('\n\n')
    const places = [
      'bin',
      'dev',
      'etc',
      'lib',
      'lib32',
      'lib64',
      'libx32',
      'nix',
      'proc',
      'run',
      'sbin',
      'tmp',
      'usr',
      'var',
    ]
    expect(folders.split('\n').filter((name) => !places.includes(name))).toEqual([])
    const [passwd, processes, ...more] = rest.trimEnd().split('\n')
    expect([passwd, ...more]).toEqual(['/etc/passwd'])
    // Whoever leads the group, the shell, `ps` and `wc`.
    expect(Number(processes)).toBeLessThanOrEqual(4)
  })

  test('has one /tmp for all steps of a workflow, which nobody else has and which goes with it', async () => {
    const name = `from-a-step-${process.pid}`
    const steps = [
      { name: 'a', commands: [`echo made >/tmp/${name}`] },
      { name: 'b', commands: [`cat /tmp/${name} /var/tmp/${name}`] },
    ]
    const job = await apart.run(apart.job({ steps }))
    expect(job.text('b', 'out')).toBe('made\nmade\n')
    const next = await apart.commands(`ls /tmp/${name}; ls -A "$TMPDIR"; echo looked`)
    expect(next.text('a', 'out')).toBe('looked\n')
  })

  test('shows further paths, read-only unless they are to be written to', async () => {
    const [cache, shared] = [join(apart.scratch, 'cache'), join(apart.scratch, 'shared')]
    for (const folder of [cache, shared]) {
      await mkdir(folder)
      chmodSync(folder, 0o777)
      writeFileSync(join(folder, 'file'), 'kept\n')
    }
    await apart.open({ binds: [cache, `${shared}:rw`] })
    const job = await apart.commands(
      `cat ${cache}/file; echo x >${cache}/new || echo refused; echo new >${shared}/new; cat ${shared}/new; ls ${apart.scratch}`,
    )
    expect(job.text('a', 'out')).toBe('kept\nrefused\nnew\ncache\nshared\n')
  })

  test('leaves the network as it is', async () => {
    const url = await listening((_, response) => void response.end('heard\n'))
    const { port } = new URL(url)
    const job = await apart.run(
      apart.job({
        steps: [
          {
            name: 'a',
            image: 'bash',
            commands: [`exec 3<>/dev/tcp/127.0.0.1/${port}; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; tail -n 1 <&3`],
          },
        ],
      }),
    )
    expect(job.text('a', 'out')).toBe('heard\n')
  })

  test('that a program is too much for fails the step alone, in the words of bubblewrap', async () => {
    const environment = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`V${n}`, 'x'.repeat(32_000)]))
    const steps = [
      { name: 'a', commands: ['true'], environment },
      { name: 'b', commands: ['true'], when: ['failure' as const] },
    ]
    const job = await apart.run(apart.job({ steps }))
    expect(job.outcomes).toEqual(['a failure', 'b success'])
    expect(job.text('a')).toContain('Argument list too long')
  })
})

describe('a sandbox that cannot be had says what is missing:', { timeout: 60_000 }, () => {
  /** A folder with a `bwrap` that says something and fails. */
  async function searchPath(says?: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'bwrap-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    chmodSync(folder, 0o755)
    if (says !== undefined)
      writeFileSync(join(folder, 'bwrap'), `#!/bin/sh\necho "${says}" >&2\nexit 1\n`, { mode: 0o755 })
    return folder
  }

  test('the program', async () => {
    const path = await searchPath()
    const wanted = isolate({ capacity: 1, sandbox: true, searchPath: path })
    await expect(wanted).rejects.toThrow(`the sandbox takes bubblewrap: no program bwrap on ${path}; apt-get install`)
  })

  test.each([
    ['rights', 'bwrap: No permissions to create new namespace', 'sysctl user.max_user_namespaces'],
    ['rights', 'bwrap: setting up uid map: Permission denied', 'kernel.apparmor_restrict_unprivileged_userns'],
    ['a /proc', "bwrap: Can't mount proc on /newroot/proc: Operation not permitted", 'systempaths=unconfined'],
    ['a newer one', 'bwrap: Unknown option --unshare-cgroup-try', 'too old'],
  ])('%s, where it says "%s"', async (_, says, mend) => {
    const wanted = isolate({ capacity: 1, sandbox: true, searchPath: await searchPath(says) })
    await expect(wanted).rejects.toThrow(new RegExp(mend))
  })

  test('paths to show, and a sandbox to show them in', async () => {
    const open = (options: object) => isolate({ capacity: 1, searchPath: '/usr/bin', ...options })
    await expect(open({ binds: ['/usr'] })).rejects.toThrow('there is no sandbox')
  })
})
