import { describe, expect, test } from 'vitest'
import { METHODS, type MethodName } from '../../../src/protocol/index.ts'
import { openFront } from './front.ts'

interface Operation {
  operationId: string
  'x-role'?: string
  security?: unknown[]
  responses: Record<string, unknown>
}

type Paths = Record<string, Record<string, Operation>>

async function served(): Promise<{ paths: Paths }> {
  const front = await openFront()
  return (await front.as('agent')).json('GET', '/api/openapi.json')
}

describe('the OpenAPI document', () => {
  // `npm run docs` writes the file anew; otherwise a difference fails here.
  test('that is served, to any credential, is the one in docs', async () => {
    const text = `${JSON.stringify(await served(), null, 2)}\n`
    await expect(text).toMatchFileSnapshot('../../../docs/openapi.json')
  })

  test('has every route that answers, with the role of its method and the refusals it may meet', async () => {
    const { paths } = await served()
    const operations = Object.values(paths).flatMap((path) => Object.values(path))
    for (const { operationId, 'x-role': role, security, responses } of operations) {
      if (role !== undefined) expect(role).toBe(METHODS[operationId as MethodName].role)
      if (security === undefined)
        expect(Object.keys(responses)).toEqual(expect.arrayContaining(['401', '403', '429', '503']))
    }
    expect(operations.map(({ operationId }) => operationId)).toEqual(
      expect.arrayContaining(['submit', 'logs', 'readyz']),
    )
  })

  test('names nothing that it does not hold', async () => {
    const document = await served()
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path)
    expect(references.length).toBeGreaterThan(20)
    for (const path of new Set(references)) {
      const found = path
        .split('/')
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document)
      expect(found, path).toBeDefined()
    }
  })
})
