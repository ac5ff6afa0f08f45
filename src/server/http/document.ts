import { RELEASE } from '../../protocol/index.ts'
import type { Api } from './call.ts'
import { Problem } from './problem.ts'
import { REFUSALS } from './routing.ts'

const DESCRIPTION =
  'Beside the bus, for scripts and probes. A request is the same call of the same handler as on the bus: same rights, ' +
  'same checks, same effect. Times are integer milliseconds since 1970. Answers may gain fields; requests may not have ' +
  'unknown ones.'

/** What several routes share. */
export function shareInDocument({ openAPIRegistry: registry }: Api): void {
  registry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' })
  registry.registerComponent('securitySchemes', 'login', { type: 'apiKey', in: 'cookie', name: 'drumline' })
  registry.register('Problem', Problem)
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } }
  for (const { name, ...refusal } of Object.values(REFUSALS)) {
    registry.registerComponent('responses', name, { ...refusal, content })
  }
}

/** The OpenAPI document, from the routes that are served and the schemas that check them. */
export function documentOf(api: Api): object {
  return api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Drumline',
      version: RELEASE,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0' },
    },
    tags: [
      { name: 'workflows', description: 'Submit, look at, cancel.' },
      { name: 'queue', description: 'The queue and its agents.' },
      { name: 'login', description: 'Pages of the server itself.' },
      { name: 'server', description: 'The server itself.' },
    ],
    security: [{ bearer: [] }, { login: [] }],
  })
}
