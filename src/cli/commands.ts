import type { Catalog } from './catalog.ts'

const START = 'Start:'
const WORK = 'Workflows:'
const OPERATE = 'Operate:'
const SHELL = 'Your shell:'

export const COMMANDS: Catalog = {
  serve: {
    heading: START,
    summary: 'run the server',
    load: async () => (await import('./commands/serve.ts')).serve,
  },
  agent: {
    heading: START,
    summary: 'run workflows on this machine',
    load: async () => (await import('./commands/agent.ts')).agent,
  },
  demo: {
    heading: START,
    summary: 'a server, two agents and the examples in one go',
    load: async () => (await import('./demo/index.ts')).demoCommand,
  },
  submit: {
    heading: WORK,
    summary: 'add workflows to the queue',
    load: async () => (await import('./commands/submit.ts')).submit,
  },
  list: {
    heading: WORK,
    summary: 'list workflows, newest first',
    load: async () => (await import('./commands/list.ts')).list,
  },
  show: {
    heading: WORK,
    summary: 'show a workflow and its steps',
    load: async () => (await import('./commands/show.ts')).show,
  },
  logs: {
    heading: WORK,
    summary: 'print what its steps wrote',
    load: async () => (await import('./commands/logs.ts')).logs,
  },
  explain: {
    heading: WORK,
    summary: 'say why it is still pending, agent by agent',
    load: async () => (await import('./commands/explain.ts')).explain,
  },
  cancel: {
    heading: WORK,
    summary: 'cancel workflows',
    load: async () => (await import('./commands/cancel.ts')).cancel,
  },
  requeue: {
    heading: WORK,
    summary: 'put a workflow back into the queue',
    load: async () => (await import('./commands/requeue.ts')).requeue,
  },
  top: {
    heading: OPERATE,
    summary: 'watch all of it in the terminal',
    load: async () => (await import('./commands/top.ts')).top,
  },
  agents: {
    heading: OPERATE,
    summary: 'list the agents and what they run',
    load: async () => (await import('./commands/agents.ts')).agents,
  },
  drain: {
    heading: OPERATE,
    summary: 'let an agent or the server finish and leave',
    load: async () => (await import('./commands/drain.ts')).drain,
  },
  queue: {
    heading: OPERATE,
    summary: 'look at the queue, pause it, resume it',
    load: async () => (await import('./commands/queue.ts')).queue,
  },
  token: {
    heading: OPERATE,
    summary: 'make, list, rotate and end credentials',
    load: async () => (await import('./commands/token.ts')).token,
  },
  login: {
    heading: OPERATE,
    summary: 'print a link that logs a browser in',
    load: async () => (await import('./commands/login.ts')).login,
  },
  audit: {
    heading: OPERATE,
    summary: 'say who did what, or was refused it',
    load: async () => (await import('./commands/audit.ts')).audit,
  },
  doctor: {
    heading: OPERATE,
    summary: 'name what stands between here and a server',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  conformance: {
    heading: OPERATE,
    summary: 'try the protocol on a server or an agent of your own',
    load: async () => (await import('./commands/conformance.ts')).conformance,
  },
  completion: {
    heading: SHELL,
    summary: 'print the script that completes commands in bash, zsh or fish',
    load: async () => (await import('./completion/index.ts')).completion,
  },
  complete: {
    heading: null,
    summary: 'what a shell asks for',
    load: async () => (await import('./completion/index.ts')).completeFrom(COMMANDS),
  },
}
