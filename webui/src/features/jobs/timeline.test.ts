import { describe, expect, it } from 'vitest'
import { phasesOf, sharesOf, type JobEvent } from './timeline'

const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`
const events = (...kinds: [string, number][]): JobEvent[] => kinds.map(([kind, second], index) => ({ sequence: index + 1, at: at(second), kind, text: kind }))

describe('the states of a job over time', () => {
  it('are told by its events', () => {
    const phases = phasesOf(events(['submitted', 0], ['gpus_awaited', 2], ['admitted', 20], ['prepared', 21], ['replica_started', 22], ['replica_started', 23], ['end_begun', 40], ['replica_ended', 41], ['ended', 42]))
    expect(phases.map((phase) => [phase.state, phase.from, phase.to])).toEqual([
      ['Queued', at(0), at(2)],
      ['Waiting for GPUs', at(2), at(20)],
      ['Starting', at(20), at(22)],
      ['Running', at(22), at(40)],
      ['Stopping', at(40), at(42)],
    ])
  })

  it('go on while the job has not ended, also after it had to wait again', () => {
    const phases = phasesOf(events(['submitted', 0], ['held', 1], ['released', 5], ['admitted', 6], ['requeued', 7]))
    expect(phases.map((phase) => phase.state)).toEqual(['Queued', 'Held', 'Queued', 'Starting', 'Queued'])
    expect(phases.at(-1)!.to).toBeNull()
  })

  it('are drawn by their length, the shortest still visible', () => {
    const phases = phasesOf(events(['submitted', 0], ['admitted', 0], ['replica_started', 1], ['ended', 59]))
    const shares = sharesOf(phases, 0)
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(100)
    expect(Math.min(...shares)).toBeGreaterThan(4)
    expect(sharesOf([], 0)).toEqual([])
  })
})
