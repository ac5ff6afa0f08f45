import type { ComponentChildren } from 'preact'
import type { AgentView } from '../../../protocol/index.ts'
import { conflicts, labelsOf } from '../../model/agent-words.ts'
import { now } from '../../model/now.ts'
import { countText, durationText } from '../../parts/format.ts'
import { LabelList } from '../../parts/labels.tsx'
import { Ago, Took } from '../../parts/time.tsx'
import { AgentActs } from './agent-acts.tsx'
import { RoundTrip } from './round-trip.tsx'
import { Runs } from './runs.tsx'
import { Standing } from './standing.tsx'

/** All that is known of an agent, and what can be done to it. */
export function Details({ agent }: { agent: AgentView }) {
  const { own, forced } = labelsOf(agent)
  const { platform, backend, software, id } = agent
  return (
    <section class="agent-details" aria-label={agent.name}>
      <Standing agent={agent} />
      <Conflict agent={agent} />
      <div class="agent-facts">
        <Runs agent={agent} />
        <dl class="agent-known">
          <Fact name="Labels">{Object.keys(own).length === 0 ? 'none' : <LabelList labels={own} />}</Fact>
          {Object.keys(forced).length > 0 && (
            <Fact name="Takes only work with">
              <LabelList labels={forced} />
            </Fact>
          )}
          <Fact name="Platform">{platform}</Fact>
          <Fact name="Backend">{backend}</Fact>
          <Fact name="Version">{software}</Fact>
          <Fact name="Id">
            <code>{id}</code>
          </Fact>
        </dl>
        <Connection agent={agent} />
      </div>
      <AgentActs agent={agent} />
    </section>
  )
}

function Connection({ agent }: { agent: AgentView }) {
  const { state, connected, address, connections, keepaliveMs, lastSeen } = agent
  const online = state !== 'offline'
  return (
    <dl class="agent-known">
      <Fact name={online ? 'Connected for' : 'Last seen'}>
        {online && <Took from={connected} to={null} />}
        {!online && (lastSeen === null ? 'never' : <Ago time={lastSeen} />)}
      </Fact>
      <Fact name={online ? 'Comes from' : 'Came from'}>{address ?? 'the server’s own process'}</Fact>
      <Fact name="Round trip">
        <RoundTrip agent={agent} />
      </Fact>
      <Fact name="Connected anew">{reconnects(connections)}</Fact>
      <Fact name="Keepalive">
        {keepaliveMs === null
          ? 'not needed: nothing on the way cuts a quiet connection'
          : `pings every ${durationText(keepaliveMs)}, since something on the way cuts a quiet connection`}
      </Fact>
    </dl>
  )
}

function reconnects(connections: number): string {
  const again = Math.max(0, connections - 1)
  return again === 0 ? 'never' : again === 1 ? 'once' : `${countText(again)} times`
}

function Conflict({ agent }: { agent: AgentView }) {
  const { conflict, name } = agent
  if (conflict === null || !conflicts(agent, now.value)) return null
  return (
    <p class="note note-bad">
      Another process of the name {name} with the same credential was turned away <Ago time={conflict} />. Only one can
      be connected: give each its own <code>--name</code>, or end the one that is not wanted.
    </p>
  )
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
