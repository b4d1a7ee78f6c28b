import { describe, expect, it } from 'vitest'
import type { QueueEntry } from '@/api/cluster'
import { afterMove, byPool, misplaced, moveTo, outcome, undoOf } from './order'

function queueOf(...entries: [string, number][]): QueueEntry[] {
  return entries.map(([job, priority], index) => ({
    pool: 'research', position: index + 1, job, name: job, group: 'research', owner: 'ana', state: 'Queued', code: 'gpus', reason: '', held: null,
    gpus: 1, priority, submitted_at: '2026-01-01T00:00:00Z', waited_ms: 0, forecast: null,
  }))
}

const names = (queue: QueueEntry[]) => queue.map((entry) => entry.job).join('')

describe('moving within a queue', () => {
  const queue = queueOf(['a', 0], ['b', 0], ['c', 0], ['d', 0])

  it('lands where it was dropped, wherever that is', () => {
    for (let from = 0; from < 4; ++from) {
      for (let to = 0; to < 4; ++to) {
        const move = moveTo(queue, from, to)
        if (from === to) {
          expect(move).toBeNull()
          continue
        }
        const after = afterMove(queue, queue[from]!.job!, move!)
        expect(after[to]!.job).toBe(queue[from]!.job)
        expect(after.map((entry) => entry.position)).toEqual([1, 2, 3, 4])
      }
    }
  })

  it('is undone by going back between the same neighbours', () => {
    for (let from = 0; from < 4; ++from) {
      for (let to = 0; to < 4; ++to) {
        const move = moveTo(queue, from, to)
        if (!move) continue
        const job = queue[from]!.job!
        expect(names(afterMove(afterMove(queue, job, move), job, undoOf(queue, job)!))).toBe('abcd')
      }
    }
  })

  it('goes nowhere outside of the queue, and not for jobs that are not told', () => {
    expect(moveTo(queue, 0, 4)).toBeNull()
    expect(moveTo(queue, 0, -1)).toBeNull()
    const hidden = [{ ...queue[0]!, job: null }, queue[1]!, queue[2]!]
    expect(moveTo(hidden, 0, 2)).toBeNull()
    expect(moveTo(hidden, 2, 0)).toBeNull()
    expect(moveTo(hidden, 2, 1)).toEqual({ place: 'before', other: 'b' })
  })
})

describe('priorities', () => {
  const queue = queueOf(['a', 5], ['b', 5], ['c', 0], ['d', 0])

  it('are kept beside an equal one', () => {
    expect(moveTo(queue, 3, 2)).toEqual({ place: 'before', other: 'c' })
    expect(afterMove(queue, 'd', moveTo(queue, 3, 2)!)[2]).toMatchObject({ job: 'd', priority: 0 })
  })

  it('are taken from those among which a job is put, and given back by undo', () => {
    const after = afterMove(queue, 'd', moveTo(queue, 3, 0)!)
    expect(names(after)).toBe('dabc')
    expect(after[0]!.priority).toBe(5)
    expect(outcome(queue, after, 'd')).toBe('d is now 1 of 4 in research, with priority 5.')
    const back = afterMove(after, 'd', undoOf(queue, 'd')!)
    expect(names(back)).toBe('abcd')
    expect(back[3]!.priority).toBe(0)
  })

  it('of the only job that has one come back with its place', () => {
    const alone = queueOf(['a', 9], ['b', 3], ['c', 0])
    const after = afterMove(alone, 'b', { place: 'first', priority: 9 })
    expect(names(after)).toBe('bac')
    expect(names(afterMove(after, 'b', undoOf(alone, 'b')!))).toBe('abc')
  })

  it('put a job behind its new equals', () => {
    expect(names(afterMove(queue, 'd', { priority: 5 }))).toBe('abdc')
    expect(names(afterMove(queue, 'a', { priority: 0 }))).toBe('bcda')
    expect(names(afterMove(queue, 'a', { priority: 5 }))).toBe('abcd')
  })

  it('put first or last among their equals only', () => {
    expect(names(afterMove(queue, 'd', { place: 'first' }))).toBe('abdc')
    expect(names(afterMove(queue, 'a', { place: 'last' }))).toBe('bacd')
  })
})

it('queues of several pools come apart in the order in which they were told', () => {
  const entries = [...queueOf(['a', 0], ['b', 0]), { ...queueOf(['c', 0])[0]!, pool: 'vision' }]
  expect(byPool(entries).map((queue) => [queue.pool, names(queue.entries)])).toEqual([
    ['research', 'ab'],
    ['vision', 'c'],
  ])
})

describe('a job that stands elsewhere than was meant', () => {
  const queue = queueOf(['a', 0], ['b', 0], ['c', 0])

  it('is remarked upon', () => {
    const meant = afterMove(queue, 'c', { place: 'first' })
    expect(misplaced(meant, queue, 'c')).toContain('c is at 3 of 3 all the same')
    expect(misplaced(meant, meant, 'c')).toBeNull()
  })

  it('is not, when others came or went meanwhile', () => {
    const meant = afterMove(queue, 'c', { place: 'first' })
    expect(misplaced(meant, queueOf(['a', 0], ['c', 0]), 'c')).toBeNull()
    expect(misplaced(meant, queueOf(['a', 0], ['b', 0], ['d', 0]), 'c')).toBeNull()
  })
})
