import type { ErrorDetail } from '../protocol/index.ts'
import type { Outside } from './link.ts'
import { didYouMean } from './nearest.ts'

/** Which of the dependencies outside of the submitted files the server does not know either, each at its place. */
export async function unknownDependencies(
  outside: readonly Outside[],
  knows: (id: string) => Promise<boolean>,
): Promise<ErrorDetail[]> {
  const known = await Promise.all(outside.map(({ name }) => knows(name)))
  return outside
    .filter((_, index) => !known[index])
    .map(({ name, meant, ...place }) => ({
      ...place,
      message: `there is no workflow \`${name}\`: none of that name is submitted with it, and the server knows no such id${hint(name, meant)}`,
    }))
}

function hint(name: string, meant: string | undefined): string {
  // `[build (A=1, B=2)]` are two names to YAML.
  return /\([^)]*$/.test(name) ? '; put quotes around a name that holds a comma' : didYouMean(meant)
}
