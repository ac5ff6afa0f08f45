import { Argument, Command } from 'commander'
import { type Flags, longName, type Raw, toOption, type Values } from './flags.ts'
import type { World } from './world.ts'

export interface Context<F extends Flags> {
  readonly world: World
  readonly flags: Values<F>
  readonly args: readonly string[]
  /** Where a flag's value comes from. */
  from(name: keyof F & string): 'flag' | 'environment' | 'default'
}

/** A command, declared: its help, its flags with their twins, and what it does. */
export interface Definition<F extends Flags> {
  readonly name: string
  readonly about: string
  /** As commander has them: `<id>`, `[file...]`, each with what it is. */
  readonly args?: readonly (readonly [spec: string, about: string])[]
  readonly flags: F
  /** Shown under its help. */
  readonly examples: readonly string[]
  /** Answers the exit code. */
  run(context: Context<F>): Promise<number>
}

/** Makes the command for commander. `done` gets its exit code. */
export function define<F extends Flags>(definition: Definition<F>) {
  return (world: World, done: (code: number) => void): Command => {
    const command = new Command(definition.name).description(definition.about)
    for (const [spec, about] of definition.args ?? []) command.addArgument(new Argument(spec, about))
    for (const flag of Object.values(definition.flags)) {
      command.addOption(toOption(flag, flag.twin ?? twinOf(definition.name, longName(flag))))
    }
    addExamples(command, definition.examples)
    return command.action(async () => {
      const args = command.processedArgs.flat().filter((arg): arg is string => typeof arg === 'string')
      done(await definition.run({ world, args, ...valuesOf(definition, command, world) }))
    })
  }
}

export type MakeCommand = ReturnType<typeof define>

/** A command that only holds others: `token create`. */
export function group(name: string, about: string, members: readonly MakeCommand[]): MakeCommand {
  return (world, done) => {
    const command = new Command(name).description(about)
    for (const make of members) command.addCommand(make(world, done))
    return command
  }
}

export function addExamples(command: Command, examples: readonly string[]): void {
  if (examples.length === 0) return
  command.addHelpText('after', `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}`)
}

function valuesOf<F extends Flags>({ name, flags }: Definition<F>, command: Command, { env }: World) {
  const given: Record<string, unknown> = command.opts()
  const from = new Map<string, 'flag' | 'environment' | 'default'>()
  const values: Record<string, unknown> = {}
  for (const [key, flag] of Object.entries(flags)) {
    const long = longName(flag)
    const twin = flag.twin ?? twinOf(name, long)
    const written = given[long.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())]
    const inherited = env[twin]
    if (written !== undefined) {
      from.set(key, 'flag')
      values[key] = flag.read(written as Raw, `--${long}`)
    } else if (inherited !== undefined && inherited !== '') {
      from.set(key, 'environment')
      values[key] = flag.read(flag.many ? inherited.split(',').filter((item) => item !== '') : inherited, twin)
    } else {
      from.set(key, 'default')
      values[key] = flag.fallback
    }
  }
  // Each value was made by its own flag's reader just above.
  return { flags: values as Values<F>, from: (key: keyof F & string) => from.get(key) ?? 'default' }
}

function twinOf(command: string, flag: string): string {
  return `DRUMLINE_${command}_${flag}`.toUpperCase().replaceAll('-', '_')
}
