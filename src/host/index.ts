/** The machine both ends run on: files that are on disk when one says so, directories for one process, and processes. */
export { builtBeside, isBuilt } from './built.ts'
export { isCode, syncDirectory, writeWhole } from './files.ts'
export { InUseError, type Lock, lockDirectory } from './lock.ts'
export { fateOf, Owner, ownerOf, placeOf } from './owner.ts'
export { holdPipe, makePipes } from './pipes.ts'
export { readStat, startOf } from './process-table.ts'
