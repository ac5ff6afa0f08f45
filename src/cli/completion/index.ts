import type { Catalog } from '../catalog.ts'
import { define } from '../define.ts'
import { EXIT, usage } from '../errors.ts'
import { candidatesAt } from './candidates.ts'
import { cursorAt } from './cursor.ts'
import { SCRIPTS } from './scripts.ts'

const SHELLS = Object.keys(SCRIPTS)

export const completion = define({
  name: 'completion',
  about:
    'Print a script that lets your shell complete commands, flags, their values, and the ids that the server knows. ' +
    'Source it where your shell starts.',
  args: [['<shell>', SHELLS.join(', '), SHELLS]],
  flags: {},
  examples: [
    'source <(drumline completion bash)                    in ~/.bashrc',
    'source <(drumline completion zsh)                     in ~/.zshrc, after compinit',
    'drumline completion fish | source                     in ~/.config/fish/config.fish',
  ],
  async run({ world, args }) {
    const [shell = ''] = args
    const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined
    if (script === undefined)
      throw usage(`there is no script for ${JSON.stringify(shell)}; one of ${SHELLS.join(', ')}`)
    await world.stdout.write(script)
    return EXIT.ok
  },
})

/** What those scripts call: a candidate a line, its description behind a tab; or `:file`, `:folder` for the shell's own. */
export const completeFrom = (catalog: Catalog) =>
  define({
    name: 'complete',
    about: 'Print what may stand at the end of a command line. The scripts of `drumline completion` call it.',
    args: [['[words...]', 'of the line up to the cursor, behind --']],
    flags: {},
    examples: ['drumline complete -- list --sta'],
    async run({ world, args }) {
      const found = await candidatesAt(await cursorAt(args, catalog), catalog, world)
      const lines = typeof found === 'string' ? [`:${found}`] : found.map(({ value, about }) => `${value}\t${about}`)
      await world.stdout.write(lines.map((line) => `${line}\n`).join(''))
      return EXIT.ok
    },
  })
