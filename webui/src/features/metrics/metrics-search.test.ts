import { expect, it } from 'vitest'
import { metricsSearch, toggled } from './metrics-search'

it('reads what the address says, and leaves out what makes no sense', () => {
  expect(metricsSearch({ jobs: ['a', 'a', 7, {}], interval: '1m', smooth: 0.333, details: true, hide: ['loss'], x: 'seconds' })).toMatchObject({ jobs: ['a', '7'], interval: '1m', smooth: 0.33, details: true, hide: ['loss'], x: 'seconds' })
  const nonsense = metricsSearch({ jobs: 'a', components: {}, interval: '15s', period: '2w', smooth: 1, details: 'yes', hide: 3, x: 'y' })
  expect(Object.values(nonsense).every((value) => value === undefined)).toBe(true)
})

it('knows that nothing may be chosen, and one kind at a time', () => {
  expect(metricsSearch({ jobs: [] }).jobs).toEqual([])
  const both = metricsSearch({ jobs: ['a'], components: ['jupyter'] })
  expect(both.jobs).toBeUndefined()
  expect(both.components).toEqual(['jupyter'])
})

it('adds a word or takes it away', () => {
  expect(toggled(['a'], 'b')).toEqual(['a', 'b'])
  expect(toggled(['a', 'b'], 'a')).toEqual(['b'])
})
