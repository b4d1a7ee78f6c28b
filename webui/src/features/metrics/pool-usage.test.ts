import { expect, it } from 'vitest'
import type { NodeUsage } from './api'
import { poolUsage } from './pool-usage'

function device(uuid: string, percent: number | null) {
  return { uuid, index: 0, model: 'A100', memory_bytes: 8e10, gpu_percent: percent, gpu_memory_mb: percent === null ? null : 1000, gpu_power_w: percent === null ? null : 200, gpu_temperature_c: null }
}

it("joins what a pool's GPUs use, and says nothing of those that were not measured", () => {
  const node = { devices: [device('a', 90), device('b', 30), device('c', null), device('d', null)] } as unknown as NodeUsage
  const placed = [
    { uuid: 'a', pool: 'research' },
    { uuid: 'b', pool: 'research' },
    { uuid: 'c', pool: 'research' },
    { uuid: 'd', pool: 'vision' },
  ]
  expect(poolUsage([{ name: 'research' }, { name: 'vision' }], placed, [node])).toEqual([
    { name: 'research', measured: 2, percent: 60, memoryMb: 2000, watts: 400 },
    { name: 'vision', measured: 0, percent: null, memoryMb: null, watts: null },
  ])
})
