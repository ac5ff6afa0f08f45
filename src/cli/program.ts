import { Command, CommanderError } from 'commander'
import { RELEASE } from '../protocol/index.ts'
import { addExamples, type MakeCommand } from './define.ts'
import { asCliError, type CliError, EXIT, report, usage } from './errors.ts'
import type { World } from './world.ts'

/** Each loads what it needs when it is asked for: `list` needs no server, no agent and no YAML. */
const COMMANDS: Readonly<Record<string, () => Promise<MakeCommand>>> = {
  serve: async () => (await import('./commands/serve.ts')).serve,
  agent: async () => (await import('./commands/agent.ts')).agent,
  submit: async () => (await import('./commands/submit.ts')).submit,
  list: async () => (await import('./commands/list.ts')).list,
  show: async () => (await import('./commands/show.ts')).show,
  logs: async () => (await import('./commands/logs.ts')).logs,
  cancel: async () => (await import('./commands/cancel.ts')).cancel,
  explain: async () => (await import('./commands/explain.ts')).explain,
  requeue: async () => (await import('./commands/requeue.ts')).requeue,
  agents: async () => (await import('./commands/agents.ts')).agents,
  queue: async () => (await import('./commands/queue.ts')).queue,
  token: async () => (await import('./commands/token.ts')).token,
  demo: async () => (await import('./demo/index.ts')).demoCommand,
}

const EXAMPLES = [
  'drumline serve                                          start a server',
  'drumline token create --role agent                      make a credential for an agent',
  'DRUMLINE_TOKEN=drl_… drumline agent --capacity 4        run workflows on this machine',
  'drumline submit pipeline.yaml --follow                  submit work and watch it',
  'drumline cancel ID --reason "wrong branch"              stop it',
  'drumline COMMAND --help                                 more of each',
]

/** Runs one command line; answers the exit code, and never rejects. */
export async function runProgram(world: World): Promise<number> {
  let code: number = EXIT.ok
  try {
    const program = await build(world, (given) => {
      code = given
    })
    await program.parseAsync([...world.args], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok
    const failure = error instanceof CommanderError ? fromCommander(error) : asCliError(error)
    await report(world, failure, wantsJson(world))
    return failure.exit
  }
}

async function build(world: World, done: (code: number) => void): Promise<Command> {
  const program = new Command('drumline')
    .description('A message bus between a CI server and its agents over one WebSocket per agent')
    .version(RELEASE, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
  for (const make of await asked(world.args)) program.addCommand(make(world, done))
  addExamples(program, EXAMPLES)
  configure(program, world)
  return program
}

/** The command that is named first, or all of them: for the help, and for what was probably meant. */
function asked([name = '']: readonly string[]): Promise<MakeCommand[]> {
  const one = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  return Promise.all((one === undefined ? Object.values(COMMANDS) : [one]).map((load) => load()))
}

/** Commander would print and exit by itself; both are ours. */
function configure(command: Command, world: World): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => void world.stdout.write(text),
    writeErr: (text) => void world.stderr.write(text),
    outputError: () => {},
  })
  for (const inner of command.commands) configure(inner, world)
}

function fromCommander(error: CommanderError): CliError {
  // The help that was printed for want of a command is the message.
  if (error.code === 'commander.help') return usage('no command was given; see above')
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n')
  const hint = rest.join(' ').trim()
  return usage(hint === '' ? `${first}; see --help` : `${first} ${hint}`)
}

function wantsJson({ args, env }: World): boolean {
  return args.includes('--json') || ['1', 'true'].includes(env.DRUMLINE_JSON ?? '')
}
