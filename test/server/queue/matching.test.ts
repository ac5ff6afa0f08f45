import { describe, expect, it } from 'vitest'
import { explainMatch, matchLabels } from '../../../src/server/queue/index.ts'

const ALL = 'docker=true shell=true gpu=true'

/** Agent, workflow, score; null is no match. */
const ROWS: [string, string, number | null][] = [
  ['org-id=123 platform=linux', 'org-id=123 platform=linux', 20],
  ['org-id=* platform=linux', 'org-id=123 platform=linux', 11],
  ['org-id=* platform=*', 'org-id=123 platform=linux', 2],
  ['org-id=123 platform=linux', 'org-id=123 platform=windows', null],
  ['org-id=456 platform=linux', 'org-id=123 platform=windows', null],
  ['platform=linux', 'needed=some', null],
  ['org-id=123 platform=linux', '', 0],
  ['org-id=123 platform=linux extra=value', 'org-id=123 platform=linux empty=', 20],
  ['!org-id=123 platform=linux extra=value', 'org-id=123 platform=linux empty=', 20],
  ['!org-id=123 platform=linux', 'platform=linux', null],
  ['docker=true', 'hello=true', null],
  ['docker=true', 'docker=true', 10],
  ['', 'docker=true', null],
  ['docker=true', '', 0],
  ['', '', 0],
  [ALL, ALL, 30],
  [ALL, 'docker=true shell=true', 20],
  ['docker=true shell=true', ALL, null],
  ['platform=linux', 'platform=linux drumline/repo=x', 10],
  ['!os=linux', 'os=windows', null],
  // Beyond the table.
  ['!os=linux os=*', 'os=linux', 10],
  ['platform=linux', 'platform=linux toString=x', null],
  ['!os=linux', '', null],
  ['drumline/pool=a', 'drumline/pool=b', 0],
]

function labels(text: string): Record<string, string> {
  const words = text.split(' ').filter((word) => word !== '')
  return Object.fromEntries(words.map((word) => word.split('=') as [string, string]))
}

describe('label rules', () => {
  it.each(ROWS)('agent [%s], workflow [%s]: score %s', (agent, workflow, score) => {
    const match = score !== null
    expect(matchLabels(labels(agent), labels(workflow))).toEqual({ match, score: score ?? 0 })
    expect(explainMatch(labels(agent), labels(workflow)) === undefined).toBe(match)
  })

  it.each([
    ['platform=linux', 'platform=linux gpu=a100', 'labels', 'has no gpu=a100'],
    ['platform=linux', 'platform=windows', 'labels', 'has platform=linux, not windows'],
    ['!org=a', 'org=b', 'required_label', 'takes only work labelled org=a'],
  ])('agent [%s], workflow [%s]: says %s, %s', (agent, workflow, code, message) => {
    expect(explainMatch(labels(agent), labels(workflow))).toEqual({ code, message })
  })
})
