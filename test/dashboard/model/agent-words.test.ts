import { describe, expect, test } from 'vitest'
import { agentMatches, conflicts, heldBack, labelsOf, tellingLabels } from '../../../src/dashboard/model/agent-words.ts'
import type { AgentView } from '../../../src/protocol/index.ts'

function agent(changes: Partial<AgentView> = {}): AgentView {
  return {
    id: 'a1',
    version: 1,
    name: 'build-1',
    state: 'online',
    schedulable: true,
    drainedBy: null,
    labels: { repo: '*', platform: 'linux/amd64', backend: 'local', hostname: 'vm', pool: 'fast' },
    capacity: 2,
    running: 0,
    platform: 'linux/amd64',
    backend: 'local',
    software: '1.2.3',
    connected: new Date(0),
    address: '10.0.0.7',
    roundTripMs: 3,
    connections: 1,
    lastSeen: new Date(0),
    keepaliveMs: null,
    conflict: null,
    ...changes,
  }
}

describe('an agent', () => {
  test('is found by every word of a search, in any of what is shown of it', () => {
    expect(agentMatches(agent(), '')).toBe(true)
    expect(agentMatches(agent(), 'POOL=fa 10.0')).toBe(true)
    expect(agentMatches(agent(), 'pool=fast offline')).toBe(false)
    expect(agentMatches(agent({ schedulable: false }), 'kept from')).toBe(true)
  })

  test('says what keeps it from work where its state does not', () => {
    expect(heldBack(agent())).toBe('')
    expect(heldBack(agent({ schedulable: false }))).toBe('kept from work')
    expect(heldBack(agent({ state: 'draining', drainedBy: 'operator' }))).toBe('')
    expect(heldBack(agent({ state: 'offline', drainedBy: 'operator' }))).toBe('drained')
  })

  test('shows a forced label as a label, and that its work must carry it', () => {
    expect(labelsOf(agent({ labels: { tenant: 'acme', '!tenant': 'acme', pool: 'x' } }))).toEqual({
      own: { tenant: 'acme', pool: 'x' },
      forced: { tenant: 'acme' },
    })
  })

  test('is told from others by the labels that not every agent has', () => {
    expect(tellingLabels(agent())).toEqual({ pool: 'fast' })
    expect(tellingLabels(agent({ labels: { repo: 'web', platform: 'linux/amd64' } }))).toEqual({ repo: 'web' })
  })

  test('is in conflict while another process of its name knocks, which it does each minute', () => {
    const conflict = new Date(1_000_000)
    expect(conflicts({ conflict: null }, 1_000_000)).toBe(false)
    expect(conflicts({ conflict }, 1_090_000)).toBe(true)
    expect(conflicts({ conflict }, 1_200_000)).toBe(false)
  })
})
