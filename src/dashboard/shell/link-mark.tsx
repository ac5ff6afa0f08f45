import type { Link } from '../../client/index.ts'
import type { Bus } from '../model/bus.ts'
import { now } from '../model/now.ts'
import type { Returned } from '../model/returned.ts'
import { clockText, durationText } from '../parts/format.ts'

/** How old what is shown may be. Never more hopeful than what is known. */
export function LinkMark({ bus, returned }: { bus: Bus; returned: Returned }) {
  const link = bus.link.value
  return (
    <div class={`link link-${link.state.replace(' ', '-')}`}>
      <span role="status" class="link-state">
        <span class="link-dot" aria-hidden="true" />
        {WORDS[link.state]}
        {link.state === 'live' && returned.text.value !== '' && <span class="link-back">{returned.text.value}</span>}
      </span>
      {link.state === 'offline' && <Outage link={link} bus={bus} />}
    </div>
  )
}

const WORDS = { live: 'Live', connecting: 'Connecting', 'catching up': 'Catching up', offline: 'Offline' }

function Outage({ link, bus }: { link: Extract<Link, { state: 'offline' }>; bus: Bus }) {
  const { since, retryAt, reason } = link
  const again = retryAt === null ? 'Trying now' : `Next try in ${durationText(Math.max(0, retryAt - now.value))}`
  return (
    <span class="link-more" title={reason}>
      as of {clockText(since)}, {durationText(now.value - since)} ago. {again}.{' '}
      <button type="button" class="plain" onClick={() => bus.retryNow()}>
        Try now
      </button>
    </span>
  )
}
