import { Argument, Command, Option } from 'commander'
import { usage } from './errors.ts'
import type { Flags, Raw, Values } from './flags.ts'
import { teach } from './help.ts'
import { groupPage, longName, type Page, type PageSource, pageOf } from './page.ts'
import { type Origin, readFlags } from './values.ts'
import type { World } from './world.ts'

export interface Context<F extends Flags> {
  readonly world: World
  readonly flags: Values<F>
  readonly args: readonly string[]
  /** Where a flag's value comes from. */
  from(name: keyof F & string): Origin
}

/** A command, declared: what it tells of itself, its flags with their twins, and what it does. */
interface Definition<F extends Flags> extends PageSource {
  readonly flags: F
  /** Answers the exit code. */
  run(context: Context<F>): Promise<number>
}

export interface Made {
  readonly page: Page
  /** As commander runs it. `done` gets its exit code. */
  command(world: World, done: (code: number) => void): Command
}

export function define<F extends Flags>(definition: Definition<F>): Made {
  const page = pageOf(definition)
  return {
    page,
    command: (world, done) => {
      const command = commandOf(page)
      return command.action(async () => {
        const args = command.processedArgs.flat().filter((arg): arg is string => typeof arg === 'string')
        const { name, flags, run } = definition
        done(await run({ world, args, ...readFlags(name, flags, optionsOf(command, flags), world.env) }))
      })
    },
  }
}

/** A command that only holds others: `token create`. */
export function group(name: string, about: string, members: readonly Made[]): Made {
  const page = groupPage(
    name,
    about,
    members.map((member) => member.page),
  )
  return {
    page,
    command: (world, done) => {
      const command = commandOf(page).usage('COMMAND [options]').helpCommand(false)
      for (const member of members) command.addCommand(member.command(world, done))
      const words = page.members.map((member) => member.name.split(' ').at(-1)).join(', ')
      return command
        .allowExcessArguments()
        .allowUnknownOption()
        .action(() => {
          const [given] = command.args
          const wrong = given === undefined ? `\`${name}\` alone says too little` : `there is no \`${name} ${given}\``
          throw usage(`${wrong}; give one of ${words}; see \`drumline ${name} --help\``)
        })
    },
  }
}

function commandOf(page: Page): Command {
  const command = new Command(page.name.split(' ').at(-1)).description(page.about)
  for (const [spec, about] of page.args) command.addArgument(new Argument(spec, about))
  for (const flag of page.flags) {
    const shown = flag.shown === undefined ? '' : `default: ${flag.shown}, `
    const option = new Option(flag.flags, `${flag.about} (${shown}env: ${flag.twin})`)
    if (flag.heading !== undefined) option.helpGroup(flag.heading)
    if (flag.many) option.argParser((item: string, before: string[] = []) => [...before, item])
    command.addOption(option)
  }
  return command.helpOption('-h, --help', 'print this help').addHelpText('after', teach(page))
}

/** Commander's own keys are camelCase. */
function optionsOf(command: Command, flags: Flags): Map<string, Raw> {
  const given: Record<string, unknown> = command.opts()
  const written = new Map<string, Raw>()
  for (const long of Object.values(flags).map(longName)) {
    const value = given[long.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())]
    // What commander read is a text, true, or what `argParser` collected.
    if (value !== undefined) written.set(long, value as Raw)
  }
  return written
}
