import { expect, it } from 'vitest'
import { logSearch } from './log-search'

it('takes from an address what makes sense, and says of the rest that it is nothing', () => {
  const good = { replica: 'worker-0', line: 7, of: 'worker-1', grep: 'loss', case: true, wrap: true, times: true }
  expect(logSearch(good)).toEqual(good)
  expect(logSearch({ grep: 42 }).grep).toBe('42')
  const bad = logSearch({ replica: {}, line: -1, of: 3, grep: [], case: 'yes', wrap: 1, times: null })
  expect(bad).toEqual({})
  // The router keeps keys that are left out as they were.
  expect(Object.keys(bad)).toContain('line')
})
