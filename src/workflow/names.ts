import type { Node } from 'yaml'
import { GivenName, SHAPE } from '../protocol/index.ts'
import { listOf, type Read, text } from './read.ts'

/** A name with the place where it stands, for what can only be checked once everything is read. */
export interface Named {
  readonly name: string
  readonly node: Node
}

const givenName = text(GivenName)

const named: Read<Named> = (node, scope, what) => {
  const name = givenName(node, scope, what)
  return name === undefined ? undefined : { name, node }
}

/** `depends_on`, of a step or a workflow: one name or a list. */
export const dependencies = listOf(named, SHAPE.dependencies)
