import { mkdirSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { GitServer, git } from '../support/git-server.ts'
import { onStage } from '../support/on-stage.ts'

const TOKEN = 'only-for-git-3301'

test(
  'a file that clones builds what it cloned; the token it takes is shown to nobody',
  () =>
    onStage(async (stage) => {
      const work = stage.path('work')
      mkdirSync(work)
      git(work, 'init', '--quiet', '--initial-branch=main', '.')
      writeFileSync(`${work}/build.sh`, 'echo "built by $(git log --format=%s)"; env; cat .git/config\n')
      git(work, 'add', '.')
      git(work, 'commit', '--quiet', '-m', 'a commit')
      git(stage.folder, 'clone', '--quiet', '--bare', 'work', 'repo.git')
      const server = new GitServer({ root: stage.folder, login: `git:${TOKEN}` })
      stage.cleanups.push(() => server.close())
      const url = `${await server.listen()}/repo.git`
      await stage.serve()
      await stage.agent({ name: 'builder' })

      const file = stage.write(
        'build.yaml',
        `clone: {url: "${url}", ref: main, secret: GIT_TOKEN}\nsteps: {build: {commands: sh build.sh}}\n`,
      )
      const { code, stdout } = await stage.run(['submit', file, '--secret', 'GIT_TOKEN', '--follow'], {
        GIT_TOKEN: TOKEN,
      })
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('built by a commit') })
      expect(stdout).toContain(`git clone --depth 1 --branch main -- ${url} .`)
      expect(stdout).not.toContain(TOKEN)
      expect(stdout).not.toContain('GIT_TOKEN')
    }),
  60_000,
)
