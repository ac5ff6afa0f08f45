import type { ErrorDetail, WorkflowSpec } from '../protocol/index.ts'
import { readDocument } from './document.ts'
import { link, type Outside } from './link.ts'
import { Scope } from './scope.ts'
import { Source, type WorkflowFile } from './source.ts'
import { type Draft, readWorkflows } from './workflow.ts'

export { amend } from './amend.ts'
export type { Outside } from './link.ts'
export type { WorkflowFile } from './source.ts'
export { unknownDependencies } from './unknown.ts'

export interface ParsedWorkflows {
  /** In the order of the files; a matrix makes several. Empty if there is any problem. */
  readonly workflows: WorkflowSpec[]
  /** Dependencies that are not among them, where they stand; to be told when the server does not know them either. */
  readonly outside: Outside[]
  /** Everything that is wrong, by file, line and column, each with a sentence that says what to do. */
  readonly problems: ErrorDetail[]
}

/** Reads workflow files that are submitted together, so that they may depend on each other. Never throws. */
export function parseWorkflows(files: readonly WorkflowFile[]): ParsedWorkflows {
  const sources = files.map((file) => new Source(file))
  const { specs, outside } = link(sources.flatMap(readSource))
  const problems = sources.flatMap((source) => source.problems())
  return problems.length > 0 ? { workflows: [], outside: [], problems } : { workflows: specs, outside, problems }
}

/** Reads one workflow file. */
export function parseWorkflow(file: WorkflowFile): ParsedWorkflows {
  return parseWorkflows([file])
}

function readSource(source: Source): Draft[] {
  const written = readDocument(source)
  if (written === undefined) return []
  return readWorkflows(written.map, new Scope(source, written.aliases), baseName(source.file.name))
}

/** `dir/build.yaml` → `build`. */
function baseName(path: string): string {
  const file = path.split(/[\\/]/).at(-1) ?? ''
  return file.replace(/\.ya?ml$/i, '') || 'workflow'
}
