import type { Case, Violation } from '../evidence.ts'

/** What the steps wrote down fits what the server tells: every attempt known, every step of it run at most once, by one agent. */
export function checkExecutions({ plan, found, records }: Case): Violation[] {
  const workflow = plan.name
  const violations: Violation[] = []
  const add = (rule: string, attempt: number, evidence: string) =>
    violations.push({ rule, workflow, attempt, evidence })
  const starts = new Map<string, number>()
  const agents = new Map<number, string>()
  for (const { attempt, step, agent, what, at, pid } of records) {
    if (!plan.steps.some(({ name }) => name === step)) add('unknown step', attempt, step)
    const first = agents.get(attempt) ?? agent
    agents.set(attempt, first)
    if (first !== agent) add('attempt on two agents', attempt, `${first} and ${agent} at ${at}`)
    if (what !== 'start') continue
    const count = (starts.get(`${attempt} ${step}`) ?? 0) + 1
    starts.set(`${attempt} ${step}`, count)
    if (count > 1) add('step run twice', attempt, `${step} for the ${count}. time, process ${pid} on ${agent} at ${at}`)
  }
  const known = found?.attempt ?? 0
  for (const [attempt, agent] of agents)
    if (attempt > known) add('unknown to the server', attempt, `ran on ${agent}; the server knows ${known} attempts`)
  if (found?.state === 'success') violations.push(...unfinished({ plan, found, records }))
  return violations
}

/** A success means that every step of the last attempt came to its end. */
function unfinished({ plan, found, records }: Pick<Case, 'plan' | 'records'> & { found: { attempt: number } }) {
  const ended = records.filter(({ attempt, what }) => attempt === found.attempt && what === 'end')
  return plan.steps
    .filter(({ name }) => !ended.some(({ step }) => step === name))
    .map(({ name }) => ({
      rule: 'success without its work',
      workflow: plan.name,
      attempt: found.attempt,
      evidence: `${name} never came to its end`,
    }))
}
