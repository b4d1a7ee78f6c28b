import { describe, expect, it } from 'vitest'
import type { JobShort } from '@/api/jobs'
import { belongs, kMostAtOnce, readingFor, rowsOf, withHead, withJobs, withoutJob, type JobPages } from './job-pages'
import { jobsFilter } from './jobs-search'

const everything = jobsFilter({})

function job(number: number, more: Partial<JobShort> = {}): JobShort {
  const id = String(number).padStart(6, '0')
  return { id, name: `p/t:${number}`, state: 'Running', revision: 1, submitted_at: `2026-01-01T00:00:00.${id}Z`, ...more } as JobShort
}

function pages(...numbers: number[][]): JobPages {
  return {
    pages: numbers.map((each, index) => ({ items: each.map((number) => job(number)), next_cursor: index + 1 < numbers.length ? 'more' : null })),
    pageParams: numbers.map(() => null),
  }
}

const numbersOf = (list: JobPages | null) => rowsOf(list ?? undefined).map((row) => Number(row.id))

describe('a list of jobs that is kept up to date', () => {
  it('renews a job in its place and leaves the pages without it as they are', () => {
    const before = pages([4, 3], [2, 1])
    const after = withJobs(before, [job(2, { state: 'Complete', revision: 5 })], everything)
    expect(numbersOf(after)).toEqual([4, 3, 2, 1])
    expect(rowsOf(after)[2]!.state).toBe('Complete')
    expect(after.pages[0]).toBe(before.pages[0])
  })

  it('is the same list when nothing of it has changed', () => {
    const before = pages([2, 1])
    expect(withJobs(before, [job(7)], everything)).toBe(before)
    expect(withoutJob(before, '000009')).toBe(before)
  })

  it('does not go back to what an older answer says', () => {
    const known = withJobs(pages([1]), [job(1, { state: 'Complete', revision: 9 })], everything)
    expect(rowsOf(withJobs(known, [job(1, { revision: 3 })], everything))[0]!.state).toBe('Complete')
  })

  it('lets go of a job that no longer is what the list asks for', () => {
    const filter = jobsFilter({ states: ['Running'] })
    expect(numbersOf(withJobs(pages([2, 1]), [job(1, { state: 'Error', revision: 2 })], filter))).toEqual([2])
    expect(belongs(job(1, { state: 'Stopped' }), jobsFilter({ live: true }))).toBe(false)
  })

  it('takes new jobs in at the top', () => {
    const after = withHead(pages([2, 1]), { items: [job(4), job(3), job(2, { revision: 2 })], next_cursor: 'more' }, everything)
    expect(numbersOf(after)).toEqual([4, 3, 2, 1])
    expect(rowsOf(after!)[2]!.revision).toBe(2)
  })

  it('puts a job that comes back into the list where its time is', () => {
    const after = withHead(pages([5, 3, 1]), { items: [job(5), job(4), job(3)], next_cursor: 'more' }, everything)
    expect(numbersOf(after)).toEqual([5, 4, 3, 1])
  })

  it('is read anew when more came than the head shows', () => {
    expect(withHead(pages([2, 1]), { items: [job(90), job(89)], next_cursor: 'more' }, everything)).toBeNull()
    expect(numbersOf(withHead(pages([]), { items: [job(2), job(1)], next_cursor: null }, everything))).toEqual([2, 1])
  })

  it('reads a few jobs at once, the others later, and the head for those it does not know', () => {
    const many = Array.from({ length: 50 }, (_, index) => 50 - index)
    const reading = readingFor(pages(many), [...many.map((number) => job(number).id), 'unknown'], 0)
    expect(reading.jobs).toHaveLength(kMostAtOnce)
    expect(reading.later).toHaveLength(50 - kMostAtOnce)
    expect(reading.head).toBe(true)
    expect(readingFor(pages([1]), ['000001'], 200)).toEqual({ jobs: ['000001'], head: false, inHead: [], later: [] })
  })

  it('reads those that stand near the top with the head, when that is read anyway or they are many', () => {
    const list = pages([9, 8, 7, 6, 5, 4, 3, 2, 1])
    const ids = (...numbers: number[]) => numbers.map((number) => job(number).id)
    expect(readingFor(list, [...ids(9, 2), 'new'], 3)).toEqual({ jobs: ids(2), head: true, inHead: ids(9), later: [] })
    expect(readingFor(list, ids(9, 8, 7, 6, 1), 6)).toEqual({ jobs: ids(1), head: true, inHead: ids(9, 8, 7, 6), later: [] })
    expect(readingFor(list, ids(9, 8), 6)).toEqual({ jobs: ids(9, 8), head: false, inHead: [], later: [] })
  })

  it('leaves a job as it is where nothing new is known of it, so that nothing is drawn again', () => {
    const list = pages([3, 2, 1])
    expect(withJobs(list, [job(3), job(2)], everything)).toBe(list)
    const ended = withJobs(list, [job(3, { state: 'Complete', revision: 4 })], everything)
    expect(withHead(ended, { items: [job(3, { state: 'Complete', revision: 4 }), job(2), job(1)], next_cursor: null }, everything)).toBe(ended)
    const waits = withJobs(list, [job(2, { reason: 'another' })], everything)
    expect(rowsOf(waits)[1]!.reason).toBe('another')
  })

  it('keeps up with a hundred thousand jobs', () => {
    const large = pages(...Array.from({ length: 200 }, (_, page) => Array.from({ length: 500 }, (_, row) => 100_000 - page * 500 - row)))
    const after = withJobs(large, [job(7, { revision: 2 })], everything)
    expect(after.pages.filter((page, index) => page !== large.pages[index])).toHaveLength(1)
    expect(rowsOf(after)).toHaveLength(100_000)
  })
})
