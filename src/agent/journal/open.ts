import { copyFile, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { customAlphabet, nanoid } from 'nanoid'
import { type Lock, lockDirectory, ownerOf, placeOf } from '../../host/index.ts'
import { type Clock, type Log, silentLog, systemClock } from '../../protocol/index.ts'
import { Journal } from './journal.ts'
import { JournalFile } from './journal-file.ts'
import { LineFile } from './line-file.ts'
import { clearFolders, endGroups } from './orphans.ts'
import { type Reading, readJournal } from './read.ts'
import { JournalState } from './state.ts'

const newSuffix = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 6)

/** Where an agent keeps what it must not forget. */
export interface JournalOptions {
  /** The agent's own folder; made if need be, for this user only. */
  readonly directory: string
  /** Default: says nothing. */
  readonly log?: Log
  /** Default: the machine's own. */
  readonly clock?: Clock
}

/** The folder cannot be used: another agent has it, a later release wrote it, or the disk does not allow it. */
export class JournalError extends Error {
  override readonly name = 'JournalError'
}

/**
 * Takes a folder for one agent, ends what a dead predecessor left running in it, and gives the journal that the next
 * `connect` or `runAgent` goes on from. Rejects with `JournalError`. Close it when the agent has finished.
 */
export async function openJournal({
  directory,
  log = silentLog,
  clock = systemClock,
}: JournalOptions): Promise<Journal> {
  const root = resolve(directory)
  let lock: Lock | undefined
  try {
    await mkdir(root, { recursive: true, mode: 0o700 })
    lock = await lockDirectory(join(root, 'agent.lock'))
    return await takeOver(root, lock, log, clock)
  } catch (error) {
    await lock?.release()
    const why = error instanceof Error ? error.message : String(error)
    throw new JournalError(`cannot use ${root}: ${why}`, { cause: error })
  }
}

async function takeOver(root: string, lock: Lock, log: Log, clock: Clock): Promise<Journal> {
  const path = join(root, 'journal')
  const reading = await readJournal(path)
  const before = stateOf(reading)
  const state = (await isOver(before, reading, log)) ? heirOf(before) : await setAside(before, path)
  const inherited = [...state.leases.values()]
  const replaces = state.boots.map(({ entry }) => entry.boot)
  const boot = nanoid()
  state.apply({ type: 'boot', boot, owner: await ownerOf(process.pid) })
  const lines = await LineFile.open(join(root, 'lines'), log)
  const file = await JournalFile.create(path, log, () => state.entries())
  return new Journal({ boot, state, inherited, replaces, file, lines, lock, log, clock })
}

function stateOf({ entries }: Reading): JournalState {
  const state = new JournalState(newSuffix())
  for (const entry of entries) state.apply(entry)
  return state
}

/**
 * Makes sure that nothing of the predecessor runs any more. False where that cannot be known: then its leases run to
 * their end, and nobody may say that it has been replaced.
 */
async function isOver({ boots, leases }: JournalState, { end, cut }: Reading, log: Log): Promise<boolean> {
  if (end === 'torn') log.info({ cut }, 'the journal ends in the middle of an entry, which is cut off')
  if (end === 'damaged') log.error({ cut }, 'the journal is damaged: what follows the first broken entry is lost')
  const owner = boots.at(-1)?.entry.owner
  if (owner === undefined) return end !== 'damaged'
  const place = await placeOf(owner)
  if (place === 'elsewhere') {
    log.error({ host: owner.host }, 'this data directory was used on another machine: its leases are left to that one')
    return false
  }
  const held = [...leases.values()]
  const ended = place !== 'here' || (await endGroups(held, log))
  await clearFolders(held, log)
  return ended && (end !== 'damaged' || place === 'before')
}

/** What the predecessor owed, without what it left on this machine. */
function heirOf(before: JournalState): JournalState {
  for (const { folders, groups } of before.leases.values()) {
    folders.length = 0
    groups.length = 0
  }
  return before
}

/** Begins anew; the old journal stays beside for people to look at. */
async function setAside(before: JournalState, path: string): Promise<JournalState> {
  if (before.boots.length + before.leases.size > 0) await copyFile(path, `${path}.aside`)
  return new JournalState(newSuffix())
}
