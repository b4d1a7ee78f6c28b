import { describe, expect, it } from 'vitest'
import type { Device, Pool } from '@/api/cluster'
import { byNode, keyOf, lawOf, moved, refusal, spare, stepsOf, type Board } from './board'

function device(index: number, model: string, pool: string, more: Partial<Device> = {}): Device {
  return { name: `gpu-1/${index}`, node: 'gpu-1', uuid: `${index}`, index, model, vendor: null, memory_bytes: null, healthy: true, fault: null, pool, in_use: false, job: null, job_name: null, ...more }
}

function pool(id: string, name: string, model: string | null, devices: Device[], missing = 0): Pool {
  const inside = devices.filter((each) => each.pool === name)
  return {
    id, name, model, group: null, total: inside.length, used: 0, free: inside.length, unhealthy: 0, missing, waiting_jobs: 0, clustered: false, nodes: [], used_by_group: [], created_at: null,
  }
}

const devices = [
  device(0, 'A100', 'Default Pool'),
  device(1, 'A100', 'Default Pool', { in_use: true, job_name: 'vision/train:1' }),
  device(2, 'T4', 'Default Pool'),
  device(3, 'A100', 'research'),
  device(4, 'A100', 'research', { healthy: false }),
  device(5, 'T4', 'vision'),
]
const home = pool('default', 'Default Pool', null, devices)
const research = pool('r', 'research', 'A100', devices)
const vision = pool('v', 'vision', 'T4', devices)
const empty = pool('e', 'empty', 'H100', devices)
const board: Board = { pools: [home, research, vision, empty], devices }
const keys = (...indexes: number[]) => new Set(indexes.map((index) => keyOf(devices[index]!)))

describe('the law of pools', () => {
  it('is that they are together what the machines have', () => {
    expect(lawOf(board)).toMatchObject({ sum: 6, devices: 6, holds: true })
  })

  it('holds after every move that is allowed', () => {
    for (const target of board.pools) {
      for (let index = 0; index < devices.length; ++index) {
        if (refusal(board, keys(index), target)) continue
        const after = moved(board, keys(index), target)
        expect(lawOf(after)).toMatchObject({ sum: 6, holds: true })
        expect(after.devices[index]!.pool).toBe(target.name)
      }
    }
  })

  it('is broken visibly where the numbers are of different moments', () => {
    expect(lawOf({ ...board, devices: devices.slice(1) }).holds).toBe(false)
  })
})

describe('a move is refused', () => {
  it('for a GPU in use, naming the job', () => {
    expect(refusal(board, keys(1), research)).toBe('gpu-1/1 is in use by vision/train:1: a GPU in use cannot move until it is released.')
    expect(refusal(board, keys(1), home)).toBe('gpu-1/1 is in Default Pool already.')
  })

  it('for another model, naming both', () => {
    expect(refusal(board, keys(2), research)).toBe('research has GPUs of the model A100, and a pool has one model only; these are 1 T4.')
    expect(refusal(board, keys(0, 2), empty)).toBe('A pool has one model only, and these are 1 A100, 1 T4.')
  })

  it('for nothing', () => {
    expect(refusal(board, new Set(), research)).toBe('No GPU is chosen.')
    expect(refusal(board, keys(3, 4), research)).toBe('They are in research already.')
  })
})

describe('a move', () => {
  it('to the Default Pool may be of any model, also unhealthy', () => {
    expect(refusal(board, keys(4, 5), home)).toBeNull()
    expect(stepsOf(board, keys(4, 5), home).map((step) => [step.pool.name, step.take.length, step.give.length])).toEqual([
      ['research', 1, 0],
      ['vision', 1, 0],
    ])
  })

  it('from a pool to another takes first and gives then', () => {
    expect(stepsOf(board, keys(0, 3), empty).map((step) => [step.pool.name, step.take.length, step.give.length])).toEqual([
      ['research', 1, 0],
      ['empty', 0, 2],
    ])
  })

  it('gives an empty pool its model, whichever it had before', () => {
    expect(refusal(board, keys(3), empty)).toBeNull()
    const after = moved(board, keys(3), empty)
    expect(after.pools[3]).toMatchObject({ model: 'A100', total: 1, free: 1 })
    expect(after.pools[1]).toMatchObject({ total: 1, free: 0, unhealthy: 1 })
  })

  it('into a pool whose GPUs are only away keeps to their model', () => {
    const away = pool('w', 'away', 'A100', [], 2)
    expect(refusal({ ...board, pools: [...board.pools, away] }, keys(2), away)).toContain('model A100')
  })
})

it('spare GPUs are the idle ones of the Default Pool, by model', () => {
  expect(spare(board)).toEqual([
    { model: 'A100', free: 1 },
    { model: 'T4', free: 1 },
  ])
})

it('the GPUs of a node stand together in the order of their numbers', () => {
  const list = [device(2, 'T4', 'x'), device(0, 'T4', 'x', { node: 'gpu-2' }), device(1, 'T4', 'x')]
  expect(byNode(list).map((each) => [each.node, each.devices.map((one) => one.index)])).toEqual([
    ['gpu-1', [1, 2]],
    ['gpu-2', [0]],
  ])
})
