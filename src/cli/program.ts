import { Command, CommanderError } from 'commander'
import { RELEASE } from '../protocol/index.ts'
import { agent } from './commands/agent.ts'
import { agents } from './commands/agents.ts'
import { cancel } from './commands/cancel.ts'
import { explain } from './commands/explain.ts'
import { list } from './commands/list.ts'
import { logs } from './commands/logs.ts'
import { queue } from './commands/queue.ts'
import { requeue } from './commands/requeue.ts'
import { serve } from './commands/serve.ts'
import { show } from './commands/show.ts'
import { submit } from './commands/submit.ts'
import { token } from './commands/token.ts'
import { addExamples } from './define.ts'
import { demoCommand } from './demo/index.ts'
import { asCliError, type CliError, EXIT, report, usage } from './errors.ts'
import type { World } from './world.ts'

const COMMANDS = [serve, agent, submit, list, show, logs, cancel, explain, requeue, agents, queue, token, demoCommand]

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
  const program = build(world, (given) => {
    code = given
  })
  try {
    await program.parseAsync([...world.args], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok
    const failure = error instanceof CommanderError ? fromCommander(error) : asCliError(error)
    await report(world, failure, wantsJson(world))
    return failure.exit
  }
}

function build(world: World, done: (code: number) => void): Command {
  const program = new Command('drumline')
    .description('A message bus between a CI server and its agents over one WebSocket per agent')
    .version(RELEASE, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
  for (const make of COMMANDS) program.addCommand(make(world, done))
  addExamples(program, EXAMPLES)
  configure(program, world)
  return program
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
