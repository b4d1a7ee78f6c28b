import { describe, expect, it } from 'vitest'
import { compareSearch } from './compare-search'
import { compareTrees } from './compare'

describe('jobs beside each other', () => {
  it('differ in what differs, by name and not by place', () => {
    const one = { task: { name: 'train', resources: [{ name: 'worker', command: 'a', env: { LR: '0.1' } }] } }
    const two = { task: { name: 'train', resources: [{ name: 'ps', command: 'p' }, { name: 'worker', command: 'a', env: { LR: '0.2' } }] } }
    const differing = compareTrees([one, two]).filter((row) => !row.same)
    expect(differing).toEqual([
      { path: 'task.resources.worker.env.LR', values: ['0.1', '0.2'], same: false },
      { path: 'task.resources.ps.command', values: [undefined, 'p'], same: false },
    ])
  })

  it('take numbers, lists and nothing as they are', () => {
    expect(compareTrees([{ a: 1, b: [1, 2] }, { a: 1, b: [1, 3] }])).toEqual([
      { path: 'a', values: ['1', '1'], same: true },
      { path: 'b', values: ['[1,2]', '[1,3]'], same: false },
    ])
    expect(compareTrees([])).toEqual([])
    expect(compareTrees([null, {}])).toEqual([{ path: '', values: ['null', undefined], same: false }])
  })

  it('come from an address, each once and no more than eight', () => {
    expect(compareSearch({ jobs: ['a', 'b', 'a', 7, ''] })).toEqual({ jobs: ['a', 'b'] })
    expect(compareSearch({ jobs: 'a,b', all: true })).toEqual({ jobs: ['a', 'b'], all: true })
    expect(compareSearch({ jobs: Array.from({ length: 20 }, (_, index) => String(index)) }).jobs).toHaveLength(8)
    expect(compareSearch({ jobs: { a: 1 } })).toEqual({ jobs: [] })
  })
})
