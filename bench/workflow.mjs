/** A workflow of one step, for agents of a kind. */
export const workflow = ({ labels = {}, environment = {} } = {}) => ({
  name: 'bench',
  labels,
  environment,
  priority: 0,
  timeoutMs: 3_600_000,
  graceMs: 10_000,
  onOutage: 'stop',
  maxAttempts: 3,
  dependsOn: [],
  runsOn: [],
  secrets: [],
  steps: [{ id: 's1', name: 'step', commands: [] }],
})
