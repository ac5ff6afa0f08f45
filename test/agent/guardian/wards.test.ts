import { describe, expect, test } from 'vitest'
import { Wards } from '../../../src/agent/guardian/wards.ts'

/** Workspaces in which something runs, each with the signals that end that, and what has been sent to them. */
class Machine {
  readonly working = new Map<string, readonly string[]>()
  readonly sent: string[] = []
  #now = 0
  readonly wards = new Wards((folder, signal) => {
    const endsBy = this.working.get(folder)
    if (endsBy === undefined) return false
    if (signal !== 0) this.sent.push(`${folder} ${signal}`)
    if (endsBy.includes(String(signal))) this.working.delete(folder)
    return true
  })

  /** Work begins in `/LEASE`, and the guardian hears of it. */
  begin(lease: string, { lastMs = 1_000_000, endsBy = ['SIGTERM', 'SIGKILL'] } = {}): void {
    this.working.set(`/${lease}`, endsBy)
    this.renew(lease, lastMs)
  }

  renew(lease: string, lastMs: number): void {
    this.wards.hear({ lease, folder: `/${lease}`, lastMs, graceMs: 10_000 })
  }

  dies(): void {
    this.wards.orphan(this.#now)
  }

  /** Lets time pass, with all the looks that are due. */
  until(end: number): void {
    for (let looks = 0; looks < 10_000; looks++) {
      this.wards.look(this.#now)
      const pause = this.wards.pauseMs(this.#now)
      if (pause === undefined || this.#now + pause > end) {
        this.#now = end
        return
      }
      this.#now += pause
    }
    throw new Error('it looks too often')
  }

  /** Nothing is looked at any more: the guardian may end. */
  get over(): boolean {
    return this.wards.pauseMs(this.#now) === undefined
  }
}

describe('when the agent has died', () => {
  test('all its work is told to end at once, also what was stopped', () => {
    const machine = new Machine()
    machine.begin('one', { endsBy: ['SIGCONT'] })
    machine.begin('two')
    machine.until(5_000)
    machine.dies()
    expect(machine.sent).toEqual(['/one SIGTERM', '/one SIGCONT', '/two SIGTERM'])
    machine.until(100_000)
    expect(machine.sent).toHaveLength(3)
    expect(machine.over).toBe(true)
  })

  test('what does not end within its grace is killed then', () => {
    const machine = new Machine()
    machine.begin('one', { endsBy: ['SIGKILL'] })
    machine.until(5_000)
    machine.dies()
    machine.until(14_999)
    expect(machine.sent).not.toContain('/one SIGKILL')
    machine.until(16_000)
    expect(machine.sent).toContain('/one SIGKILL')
    expect(machine.over).toBe(true)
  })

  test('it is killed sooner where the lease ends before its grace', () => {
    const machine = new Machine()
    machine.begin('one', { endsBy: ['SIGKILL'], lastMs: 7_000 })
    machine.until(5_000)
    machine.dies()
    machine.until(7_600)
    expect(machine.sent).toContain('/one SIGKILL')
  })

  test('what was found to have ended is not signalled again', () => {
    const machine = new Machine()
    machine.begin('one')
    machine.dies()
    machine.until(6_000)
    machine.working.set('/one', [])
    machine.until(100_000)
    expect(machine.sent).toEqual(['/one SIGTERM'])
  })
})

describe('when the agent is stopped', () => {
  test('its work is killed at the end of the lease, that of a lease which lasts is not', () => {
    const machine = new Machine()
    machine.begin('one', { lastMs: 20_000 })
    machine.begin('two', { lastMs: 90_000 })
    machine.until(19_999)
    expect(machine.sent).toEqual([])
    machine.until(20_000)
    expect(machine.sent).toEqual(['/one SIGKILL'])
    machine.until(89_999)
    expect(machine.sent).toEqual(['/one SIGKILL'])
  })

  test('it is killed again until nothing is found: it may have started more meanwhile', () => {
    const machine = new Machine()
    machine.begin('one', { lastMs: 20_000, endsBy: [] })
    machine.until(22_000)
    machine.working.set('/one', ['SIGKILL'])
    machine.until(30_000)
    expect(machine.sent.length).toBeGreaterThan(2)
    expect(machine.over).toBe(true)
  })

  test('nothing is killed as long as it renews, nor after it has said that the lease is over', () => {
    const machine = new Machine()
    machine.begin('one', { lastMs: 20_000 })
    machine.until(19_000)
    machine.renew('one', 40_000)
    machine.until(39_000)
    machine.wards.hear({ over: 'one' })
    expect(machine.over).toBe(true)
    machine.until(100_000)
    machine.dies()
    expect(machine.sent).toEqual([])
  })

  test('with the whole machine, the first look after waking up kills', () => {
    const machine = new Machine()
    machine.begin('one', { lastMs: 20_000 })
    // However far the end: timers do not count what a machine sleeps.
    expect(machine.wards.pauseMs(0)).toBeLessThanOrEqual(1_000)
    machine.wards.look(500_000)
    expect(machine.sent).toEqual(['/one SIGKILL'])
  })
})
