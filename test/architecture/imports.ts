import type { EcmaScriptModule, Program } from 'oxc-parser'
import { walk } from './walk.ts'

/** What one file asks of another, in whatever form: import, export from, import(), or a type's import(). */
export interface Import {
  /** undefined where the name is computed */
  specifier: string | undefined
  offset: number
}

export function importsOf(text: string, module: EcmaScriptModule, program: Program): Import[] {
  const found: Import[] = []
  for (const { moduleRequest } of module.staticImports) {
    found.push({ specifier: moduleRequest.value, offset: moduleRequest.start })
  }
  for (const { moduleRequest } of module.staticExports.flatMap(({ entries }) => entries)) {
    if (moduleRequest !== null) found.push({ specifier: moduleRequest.value, offset: moduleRequest.start })
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const literal = /^(['"`])([^$]*)\1$/.exec(text.slice(moduleRequest.start, moduleRequest.end))
    found.push({ specifier: literal?.[2], offset: moduleRequest.start })
  }
  walk(program, (node) => {
    if (node.type === 'TSImportType') found.push({ specifier: node.source.value, offset: node.start })
  })
  return found
}

/** The path that a relative specifier means, seen from the importing file. */
export function resolve(from: string, specifier: string): string {
  const parts = from.split('/').slice(0, -1)
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

/** `@hono/node-server/serve-static` belongs to `@hono/node-server`. */
export function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}
