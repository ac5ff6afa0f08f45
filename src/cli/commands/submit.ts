import type { Client } from '../../client/node.ts'
import { BusError, GivenName, Labels, VariableName, type WorkflowSpec } from '../../protocol/index.ts'
import { amend, type Outside, parseWorkflows, unknownDependencies } from '../../workflow/index.ts'
import { CONNECT, type Outages, WATCHING, withClient } from '../connect.ts'
import { type Context, define } from '../define.ts'
import { CliError, EXIT, usage } from '../errors.ts'
import { duration, list, pairs, text, toggle } from '../flags.ts'
import { follow } from '../follow/follow.ts'
import { printable } from '../format.ts'
import { print } from '../output.ts'
import { readFiles } from '../read-files.ts'

const FLAGS = {
  follow: toggle('-f, --follow', 'show the logs as they come, and exit as the workflow ends'),
  name: text('--name <name>', 'in place of the name in the file; for one workflow'),
  env: pairs('--env <k=v>', 'variable for all steps; may be given several times'),
  label: pairs('--label <k=v>', 'label the agent must have; may be given several times'),
  secret: list('--secret <name>', 'take the secret from the variable of that name; may be given several times'),
  grace: duration('--grace <duration>', 'from SIGTERM to SIGKILL when it is stopped; default 10s'),
  ...CONNECT,
}

export const submit = define({
  name: 'submit',
  about: 'Add workflows to the queue, all of them or none, and print their ids. A file may hold a matrix.',
  args: [['<file...>', 'workflow files; - is the standard input', 'file']],
  flags: FLAGS,
  json: '{"workflows":[{"id","name"}]}; with --follow then rows as of `logs --json`, each with its workflow',
  exits: [
    [EXIT.ok, 'they are in the queue; with --follow: all ended with success'],
    [EXIT.failed, 'with --follow: one failed, was skipped, or could not be run'],
    [EXIT.usage, 'wrong usage, or a mistake in a file; each is named with its line and column'],
    [EXIT.canceled, 'with --follow: one was canceled, and none failed'],
    [EXIT.refused, 'the server cannot be reached or refuses'],
    [EXIT.interrupted, 'Ctrl-C; the workflows go on'],
  ],
  examples: [
    'drumline submit pipeline.yaml --follow',
    'drumline submit build.yaml deploy.yaml --env VERSION=1.2 --label platform=linux/amd64',
    'DEPLOY_KEY=… drumline submit deploy.yaml --secret DEPLOY_KEY',
    'generate | drumline submit - --name nightly --json | jq -r ".workflows[].id"',
  ],
  run,
})

async function run(context: Context<typeof FLAGS>): Promise<number> {
  const { flags, args, world } = context
  const files = await readFiles(args, world.stdin)
  const { workflows, outside, problems } = parseWorkflows(files)
  if (problems.length > 0) {
    throw new CliError(EXIT.usage, 'bad_request', `${files.map(({ name }) => name).join(', ')} is not valid`, problems)
  }
  const specs = applyFlags(workflows, context)
  const secrets = secretsOf(specs, context)
  const submitAll = async (client: Client, outages: Outages) => {
    const added = await add(client, specs, secrets, outside)
    if (flags.follow) return follow(client, added.workflows, { ...context, outages })
    const ids = added.workflows.map(({ id, name }) => `${id}${world.stdout.isTerminal ? `  ${printable(name)}` : ''}\n`)
    await print(context, added, () => ids.join(''))
    return EXIT.ok
  }
  return withClient(context, submitAll, flags.follow ? WATCHING : {})
}

function applyFlags(specs: readonly WorkflowSpec[], { flags }: Context<typeof FLAGS>): WorkflowSpec[] {
  const { name, env, label, grace } = flags
  if (name !== undefined && specs.length > 1) throw usage(`--name is for one workflow, and there are ${specs.length}`)
  if (name !== undefined && !GivenName.safeParse(name).success) throw usage('--name must be printable, on one line')
  for (const key of Object.keys(env)) {
    if (!VariableName.safeParse(key).success) throw usage(`--env ${key}: a variable's name is letters, digits and _`)
  }
  if (!Labels.safeParse(label).success) throw usage("--label: a label's name is letters, digits and . _ / -")
  for (const spec of specs) {
    const { leaseMs } = spec
    if (grace !== undefined && leaseMs !== undefined && grace > leaseMs / 3) {
      throw usage(`--grace may be at most a third of the lease of ${spec.name}`)
    }
  }
  return amend(specs, { name, environment: env, labels: label, graceMs: grace })
}

/** The values come from the caller's environment, and only those that a workflow lists. */
function secretsOf(specs: readonly WorkflowSpec[], { flags, world }: Context<typeof FLAGS>): Record<string, string> {
  const listed = new Set(specs.flatMap(({ secrets }) => secrets))
  for (const name of listed) {
    if (!flags.secret.includes(name)) throw usage(`the secret ${name} is listed by the workflow; give --secret ${name}`)
  }
  return Object.fromEntries(
    flags.secret.map((name) => {
      const value = world.env[name]
      if (!listed.has(name)) throw usage(`--secret ${name}: no submitted workflow lists it under secrets`)
      if (value === undefined) throw usage(`--secret ${name}: there is no variable ${name} in the environment`)
      if (value.length <= 3) void world.stderr.write(`drumline: ${name} is too short to be masked in logs\n`)
      return [name, value]
    }),
  )
}

async function add(client: Client, workflows: WorkflowSpec[], secrets: Record<string, string>, outside: Outside[]) {
  try {
    return await client.call('submit', { workflows, secrets })
  } catch (error) {
    if (error instanceof BusError && error.code === 'bad_request') await explainUnknown(client, outside)
    if (error instanceof BusError && error.code === 'too_large') {
      throw new CliError(
        EXIT.usage,
        error.code,
        'these are too large for one submit, 256 KiB; submit them in several calls',
      )
    }
    throw error
  }
}

/** Which of the dependencies outside of the submitted files the server does not know, each at its place. */
async function explainUnknown(client: Client, outside: readonly Outside[]): Promise<void> {
  const known = async (id: string) => {
    const found = await client.call('get', { id }).catch((error: unknown) => error)
    return !(found instanceof BusError) || !['not_found', 'bad_request'].includes(found.code)
  }
  const details = await unknownDependencies(outside, known)
  if (details.length > 0) throw new CliError(EXIT.usage, 'bad_request', 'a dependency is not known', details)
}
