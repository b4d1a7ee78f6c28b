import { describe, expect, it } from 'vitest'
import { isFiltered, jobsFilter, jobsSearch } from './jobs-search'

describe('the address of a list of jobs', () => {
  it('keeps what makes sense', () => {
    const search = { show: 'owned', text: 'lr', states: ['Running', 'Error'], live: true, task: 'train', tags: ['a,b'], owner: 'ana', since: '7d', until: '2026-01-01T00:00:00.000Z', ended: '1h', order: 'longest', hide: ['owner'] }
    expect(jobsSearch(search)).toEqual(search)
  })

  it('takes anything else for nothing', () => {
    for (const raw of [{}, { show: 'theirs', text: '  ', states: 'x', live: 'yes', task: {}, order: 7, hide: 3 }, { states: [null, {}, 'running'] }, { since: 'soon', until: 7, ended: 'x', owner: {}, tags: [3] }]) {
      expect(jobsSearch(raw as Record<string, unknown>)).toEqual({})
    }
    expect(jobsSearch({ text: 42 })).toEqual({ text: '42' })
    expect(jobsSearch({ text: 'x'.repeat(10_000) }).text).toHaveLength(500)
  })

  it('asks the server for the same list whatever columns are shown', () => {
    expect(jobsFilter(jobsSearch({ hide: ['owner'] }))).toEqual(jobsFilter({}))
    expect(isFiltered(jobsSearch({ hide: ['owner'], order: 'oldest', show: 'all' }))).toBe(false)
    expect(jobsFilter({ tags: ['v1,2', 'c\\d'] }).tag).toBe('v1\\,2,c\\\\d')
    expect(isFiltered({ live: true })).toBe(true)
  })
})
