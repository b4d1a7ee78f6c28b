import { expect, it } from 'vitest'
import type { JobShort } from '@/api/jobs'
import { readFinished, unseen, withFinished, withJobs, type Finished } from './finished-jobs'

const finished = (job: string): Finished => ({ job, name: `p/t:${job}`, state: 'Complete', reason: null, at: '2026-01-01T00:00:00Z', seen: false })

it('lists each job once, the newest first, and no more than fifty', () => {
  let list: Finished[] = []
  for (let i = 0; i < 60; ++i) list = withFinished(list, finished(String(i)))
  list = withFinished(list, finished('55'))
  expect(list).toHaveLength(50)
  expect(list[0]!.job).toBe('55')
  expect(list.filter((each) => each.job === '55')).toHaveLength(1)
  expect(unseen(list)).toBe(50)
})

it('takes whatever the browser kept for nothing when it is no list', () => {
  for (const text of [null, '', '{', '{}', '7', '[1, null, {"job": 3}]']) expect(readFinished(text)).toEqual([])
  expect(readFinished(JSON.stringify([finished('a')]))).toHaveLength(1)
})

it('takes of the jobs that ended last those that were told of and are one’s own', () => {
  const job = (id: string, owner: string, state: string) => ({ id, owner, state, name: id, reason: null, ended_at: '2026-01-01T00:00:00Z' }) as JobShort
  const jobs = [job('c', 'ana', 'Error'), job('b', 'bo', 'Complete'), job('a', 'ana', 'Complete'), job('x', 'ana', 'Complete'), job('r', 'ana', 'Running')]
  const told = new Set(['a', 'b', 'c', 'r'])
  const list = withJobs([], 'ana', told, jobs)
  expect(list.map((each) => each.job)).toEqual(['c', 'a'])
  expect(withJobs(list, 'ana', told, jobs)).toBe(list)
})
