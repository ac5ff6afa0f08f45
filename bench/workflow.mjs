import { workflowSpec } from '../dist/protocol/index.js'

/** A workflow of one step, for agents of a kind. */
export const workflow = ({ labels = {}, environment = {} } = {}) =>
  workflowSpec({ name: 'bench', labels, environment, steps: [{ name: 'step' }] })
