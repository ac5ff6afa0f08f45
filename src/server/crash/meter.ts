import type { CrashPoint, FrameType, Meter, Probe } from '../../protocol/index.ts'

type Points = { readonly [Type in FrameType]?: CrashPoint }

const RECEIVED: Points = {
  hello: 'server.hello.received',
  request: 'server.request.received',
  log: 'server.log.received',
}

const SENT: Points = {
  welcome: 'server.welcome.sent',
  response: 'server.response.sent',
  stored: 'server.stored.sent',
  cancel: 'server.cancel.sent',
  event: 'server.event.sent',
  bye: 'server.bye.sent',
}

/** A meter, with places to die after a frame has come and after one has left. */
export function probedMeter(meter: Meter, probe: Probe): Meter {
  return {
    received: (type) => {
      meter.received(type)
      const { [type]: point } = RECEIVED
      if (point !== undefined) probe(point)
    },
    sent: (type) => {
      meter.sent(type)
      const { [type]: point } = SENT
      // It is queued: all of this tick leave at its end.
      if (point !== undefined) setImmediate(() => probe(point))
    },
  }
}
