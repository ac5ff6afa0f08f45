import type { WorkflowView } from '../../protocol/index.ts'

/** What is asked before anything is done. */
export type Question =
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'cancel'; readonly id: string; readonly name: string }
  /** The same, while its reason is typed. */
  | { readonly kind: 'reason'; readonly id: string; readonly name: string; readonly reason: string }

/** What the keys pressed so far amount to. */
export interface Controls {
  /** Id of a running workflow. */
  readonly chosen: string | undefined
  readonly question: Question | undefined
  readonly help: boolean
  /** Why the last key did nothing. */
  readonly hint: string | undefined
}

/** What a key asks for. */
export type Order =
  | { readonly kind: 'leave' }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'cancel'; readonly id: string; readonly name: string; readonly reason: string | undefined }

interface Pressed {
  readonly controls: Controls
  readonly order?: Order
}

interface Seen {
  readonly running: readonly Pick<WorkflowView, 'id' | 'name'>[]
  readonly queue: { readonly paused: boolean } | null
}

export const UNTOUCHED: Controls = { chosen: undefined, question: undefined, help: false, hint: undefined }

/** Far below what the server takes, and as much as one sees of a line. */
const REASON_CHARACTERS = 200
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is how terminals send keys
const KEY = /\x1b(?:\[[\d;]*[ -/]*[@-~]|O[@-~])?|./gsu
const NAMES: Readonly<Record<string, string>> = {
  '\x1b[A': 'up',
  '\x1bOA': 'up',
  '\x1b[B': 'down',
  '\x1bOB': 'down',
  '\x1b': 'escape',
  '\r': 'enter',
  '\n': 'enter',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x03': 'interrupt',
}
const NAMED = new Set(Object.values(NAMES))

/** The keys in what a terminal sent: a character each, or a name. Keys that mean nothing here are dropped. */
export function keysOf(text: string): string[] {
  const keys = text.match(KEY) ?? []
  return keys.map((key) => NAMES[key] ?? key).filter((key) => NAMED.has(key) || /^[^\p{Cc}\p{Cf}]$/u.test(key))
}

/** A key's effect. Nothing is ordered but after a question. */
export function press(before: Controls, key: string, seen: Seen): Pressed {
  if (key === 'interrupt') return { controls: before, order: { kind: 'leave' } }
  const controls = { ...before, hint: undefined }
  if (before.question !== undefined) return answer(controls, before.question, key)
  switch (key) {
    case 'q':
      return { controls, order: { kind: 'leave' } }
    case '?':
      return { controls: { ...controls, help: !controls.help } }
    case 'j':
    case 'down':
      return { controls: { ...controls, chosen: neighbour(controls.chosen, seen, 1) } }
    case 'k':
    case 'up':
      return { controls: { ...controls, chosen: neighbour(controls.chosen, seen, -1) } }
    case 'escape':
      return { controls: { ...controls, chosen: undefined } }
    case 'p':
      if (seen.queue === null) return { controls }
      return { controls: { ...controls, question: { kind: seen.queue.paused ? 'resume' : 'pause' } } }
    case 'c':
      return { controls: askToCancel(controls, seen) }
    default:
      return { controls }
  }
}

function answer(controls: Controls, question: Question, key: string): Pressed {
  const done: Controls = { ...controls, question: undefined }
  if (question.kind === 'reason') return type(done, question, key)
  if (question.kind !== 'cancel') return key === 'y' ? { controls: done, order: question } : { controls: done }
  if (key === 'r') return { controls: { ...done, question: { ...question, kind: 'reason', reason: '' } } }
  return key === 'y' ? { controls: done, order: { ...question, reason: undefined } } : { controls: done }
}

function type(done: Controls, question: Question & { kind: 'reason' }, key: string): Pressed {
  const { id, name, reason } = question
  if (key === 'escape') return { controls: done }
  if (key === 'enter')
    return { controls: done, order: { kind: 'cancel', id, name, reason: reason.trim() || undefined } }
  const characters = [...reason]
  if (key === 'backspace') characters.pop()
  else if (!NAMED.has(key) && characters.length < REASON_CHARACTERS) characters.push(key)
  return { controls: { ...done, question: { ...question, reason: characters.join('') } } }
}

/** By id: those that ended meanwhile must not make another one the chosen. */
function askToCancel(controls: Controls, { running }: Seen): Controls {
  const workflow = running.find(({ id }) => id === controls.chosen)
  if (workflow !== undefined) return { ...controls, question: { kind: 'cancel', id: workflow.id, name: workflow.name } }
  const hint =
    controls.chosen === undefined ? 'choose a running workflow first, with j and k' : 'it has ended by itself'
  return { ...controls, chosen: undefined, hint: running.length === 0 ? 'nothing runs' : hint }
}

function neighbour(chosen: string | undefined, { running }: Seen, step: 1 | -1): string | undefined {
  const at = running.findIndex(({ id }) => id === chosen)
  if (at < 0) return running.at(step === 1 ? 0 : -1)?.id
  return running[Math.min(running.length - 1, Math.max(0, at + step))]?.id
}
