import { z } from 'zod'
import { SHAPE } from './limits.ts'
import { VariableName } from './names.ts'

const USER = '[A-Za-z0-9_][A-Za-z0-9._~%+-]*'
const HOST = '(?:[A-Za-z0-9_][A-Za-z0-9._-]*|\\[[0-9A-Fa-f:.]+\\])'
const REST = '[^\\s\\p{Cc}]'
/**
 * What `git` may be given as a URL. Everything else is refused: git takes a leading `-` for a flag, `ext::…` for a program to run,
 * and a password in a URL would be shown to everyone who sees the workflow.
 */
const FORMS = [
  `(?:https?|ssh|git)://(?:${USER}@)?${HOST}(?::\\d{1,5})?/${REST}+`,
  `file:///${REST}+`,
  `${USER}@${HOST}:(?![-:])${REST}+`,
]

/** Where a repository is: an `https`, `http`, `ssh`, `git` or `file` URL, or scp's `user@host:path`. Holds no password. */
export const CloneUrl = z
  .string()
  .max(2048)
  .regex(
    new RegExp(`^(?:${FORMS.join('|')})$`, 'u'),
    'must be a URL of https, http, ssh, git or file, or `user@host:path`',
  )

/** A branch, a tag, a full `refs/…` or a commit's hash, as git names them. */
export const GitRef = z
  .string()
  .min(1)
  .max(SHAPE.nameChars)
  .regex(
    /^(?![-./])(?!.*(?:\.\.|\/\/|@\{|[./]$))[^\s\p{Cc}~^:?*[\\]+$/u,
    'must be a branch, a tag or a commit, not starting with `-`',
  )

/** A step that fills the workspace by the machine's `git` before the others begin. */
export const Clone = z.strictObject({
  /** Where the repository is; without a password. */
  url: CloneUrl,
  ref: GitRef.optional().describe('A branch, a tag, a full `refs/…` or a commit’s hash; missing is the remote’s HEAD.'),
  depth: z.int().min(0).max(1_000_000).optional().describe('Commits of history; 0 is all of it, missing is 1.'),
  secret: VariableName.optional().describe(
    'Among the workflow’s secrets: the password or token for http(s). Git’s alone, no step has it.',
  ),
})
export type Clone = z.infer<typeof Clone>
