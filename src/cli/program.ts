import { Command, CommanderError } from 'commander'
import { RELEASE } from '../protocol/index.ts'
import { COMMANDS } from './commands.ts'
import { asCliError, type CliError, EXIT, EXIT_MEANINGS, report, usage } from './errors.ts'
import { styleOf } from './format.ts'
import { teach } from './help.ts'
import type { World } from './world.ts'

/** Longer lines are hard to read, whatever the terminal has. */
const WIDEST = 100

const TEACH = {
  json: undefined,
  exits: EXIT_MEANINGS,
  examples: [
    'drumline serve                                        start a server',
    'drumline token create --role agent                    make a credential for an agent',
    'DRUMLINE_TOKEN=drl_… drumline agent --capacity 4      run workflows on this machine',
    'drumline submit pipeline.yaml --follow                submit work and watch it',
    'drumline explain ID                                   why does nothing happen?',
    'drumline cancel ID --reason "wrong branch"            stop it',
    'drumline COMMAND --help                               its flags, with examples',
  ],
}

/** Runs one command line; answers the exit code, and never rejects. */
export async function runProgram(world: World): Promise<number> {
  let code: number = EXIT.ok
  const args = plainArgs(world.args)
  try {
    const program = await build(world, args, (given) => {
      code = given
    })
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok
    const failure = error instanceof CommanderError ? fromCommander(error, args) : asCliError(error)
    await report(world, failure, wantsJson(world))
    return failure.exit
  }
}

/** `help token create` is `token create --help`; of a command that is none, nothing but its name matters. */
function plainArgs(args: readonly string[]): readonly string[] {
  const [first = '', ...rest] = args
  if (first === 'help') return plainArgs([...rest, '--help'])
  return first === '' || first.startsWith('-') || Object.hasOwn(COMMANDS, first) ? args : [first]
}

async function build(world: World, [asked]: readonly string[], done: (code: number) => void): Promise<Command> {
  const program = new Command('drumline')
    .description('A message bus between a CI server and its agents over one WebSocket per agent')
    .usage('COMMAND [options]')
    .version(RELEASE, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
  for (const [name, { heading, summary, load }] of Object.entries(COMMANDS)) {
    // The others are only named: for the help, and for what was probably meant.
    const command = name === asked ? (await load()).command(world, done) : new Command(name)
    program.addCommand(command.summary(summary).helpGroup(heading ?? ''), { hidden: heading === null })
  }
  configure(program, world)
  return program.addHelpText('after', teach(TEACH))
}

/** Commander would print and exit by itself; both are ours. */
function configure(command: Command, world: World): void {
  const { stdout, stderr, env } = world
  command
    .exitOverride()
    .configureHelp({ subcommandTerm: (inner) => inner.name() })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      outputError: () => {},
      getOutHelpWidth: () => Math.min(WIDEST, styleOf(stdout, env).columns),
      getErrHelpWidth: () => Math.min(WIDEST, styleOf(stderr, env).columns),
      getOutHasColors: () => styleOf(stdout, env).color,
      getErrHasColors: () => styleOf(stderr, env).color,
    })
  for (const inner of command.commands) configure(inner, world)
}

function fromCommander({ code, message }: CommanderError, args: readonly string[]): CliError {
  const name = args.find((word) => Object.hasOwn(COMMANDS, word))
  const help = `see \`drumline ${name === undefined ? '' : `${name} `}--help\``
  // The help that was printed for want of a command is the message.
  if (code === 'commander.help') return usage('no command was given; see above')
  const [first = '', ...rest] = message.replace(/^error: /, '').split('\n')
  const hint = rest.join(' ').trim()
  if (code === 'commander.unknownOption' && name !== undefined && args[0]?.startsWith('-') === true) {
    return usage(`flags stand behind the command: \`drumline ${name} ${args[0]} …\`; ${help}`)
  }
  return usage(`${first}${hint === '' ? '' : ` ${hint}`}; ${help}`)
}

function wantsJson({ args, env }: World): boolean {
  return args.includes('--json') || ['1', 'true'].includes(env.DRUMLINE_JSON ?? '')
}
