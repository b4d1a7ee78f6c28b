import { expect, it } from 'vitest'
import { readFinished, unseen, withFinished, type Finished } from './finished-jobs'

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
