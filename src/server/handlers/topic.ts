import { BusError } from '../../protocol/index.ts'

const PLAIN: ReadonlySet<string> = new Set(['workflows', 'agents', 'queue'])

/** Throws `bad_request` for a topic that is none. */
export function checkTopic(topic: string): void {
  if (PLAIN.has(topic) || /^(workflow|logs)\/./.test(topic)) return
  throw new BusError('bad_request', 'a topic is workflows, workflow/ID, agents, queue or logs/ID')
}
