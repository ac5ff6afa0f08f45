import { lineOf, type Source } from './sources.ts'
import { walk } from './walk.ts'

/** Places where the compiler was told to look away. Tests of types may expect an error; nothing else may. */
export function typesGivenUp(sources: Source[]): string[] {
  return sources.flatMap(({ path, text, program, comments }) => {
    const found: [offset: number, what: string][] = []
    walk(program, (node) => {
      if (node.type === 'TSAnyKeyword') found.push([node.start, 'any'])
    })
    const banned = path.startsWith('src/') ? /@ts-(ignore|nocheck|expect-error)/ : /@ts-(ignore|nocheck)/
    for (const { value, start } of comments) {
      const [match] = banned.exec(value) ?? []
      if (match !== undefined) found.push([start, match])
    }
    return found.map(([offset, what]) => `${path}:${lineOf(text, offset)} has ${what}`)
  })
}
