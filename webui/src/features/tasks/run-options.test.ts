import { describe, expect, it } from 'vitest'
import { countOptions, kNoOptions, optionFaults, requestOf } from './run-options'

describe('the options of a run', () => {
  it('say nothing until something is typed', () => {
    expect(requestOf(kNoOptions)).toEqual({})
    expect(countOptions(kNoOptions)).toBe(0)
  })

  it('become a request', () => {
    const options = { ...kNoOptions, gpus: '0', workers: '2', priority: '-5', immediate: true, hold: true, holdReason: ' later ', tags: ['a'], set: ['worker.memory=16Gi', 'env.A=b=c'] }
    expect(requestOf(options)).toEqual({ gpus: 0, workers: 2, priority: -5, immediate: true, hold: 'later', tags: ['a'], set: { 'worker.memory': '16Gi', 'env.A': 'b=c' } })
    expect(requestOf({ ...kNoOptions, hold: true })).toEqual({ hold: true })
  })

  it('have their faults told and left out', () => {
    const options = { ...kNoOptions, gpus: 'two', workers: '0', priority: '2000', set: ['x'] }
    expect(Object.keys(optionFaults(options))).toEqual(['gpus', 'workers', 'priority', 'set'])
    expect(requestOf(options)).toEqual({})
  })
})
