import { describe, expect, it } from 'vitest'
import type { Device } from '@/api/cluster'
import { filtered, stateOf, valuesOf } from './device-list'

const device = (index: number, more: Partial<Device> = {}): Device => ({
  name: `gpu-1/${index}`, node: 'gpu-1', uuid: `GPU-${index}`, index, model: 'A100', vendor: null, memory_bytes: null, healthy: true, fault: null, pool: 'research', in_use: false, job: null, job_name: null, ...more,
})

const devices = [device(0), device(1, { in_use: true, job_name: 'vision/train:1' }), device(2, { healthy: false, fault: 'MIG mode' }), device(3, { healthy: false, in_use: true }), device(4, { model: 'T4', pool: 'x' })]
const found = (filter: Parameters<typeof filtered>[1]) => filtered(devices, filter).map((each) => each.index)

describe('the GPUs that a filter lets through', () => {
  it('are all without one', () => expect(found({})).toEqual([0, 1, 2, 3, 4]))

  it('are told by their state; an unhealthy one in use is both', () => {
    expect(found({ state: 'free' })).toEqual([0, 4])
    expect(found({ state: 'in use' })).toEqual([1, 3])
    expect(found({ state: 'unhealthy' })).toEqual([2, 3])
    expect(stateOf(devices[3]!)).toBe('in use')
  })

  it('are found by what they are, what runs on them, and what ails them', () => {
    expect(found({ text: 'VISION' })).toEqual([1])
    expect(found({ text: 'mig' })).toEqual([2])
    expect(found({ model: 'T4', pool: 'x' })).toEqual([4])
    expect(found({ node: 'gpu-2' })).toEqual([])
  })
})

it('a filter offers what there is, and what is chosen though it is gone', () => {
  expect(valuesOf(devices, (each) => each.model, 'H100')).toEqual(['A100', 'H100', 'T4'])
})
