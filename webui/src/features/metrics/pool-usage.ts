import type { NodeUsage } from './api'

export interface PoolUse {
  name: string
  /** GPUs of it that were measured in the last minute. */
  measured: number
  percent: number | null
  memoryMb: number | null
  watts: number | null
}

interface PlacedDevice {
  uuid: string
  pool: string
}

function sum(values: (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0)
}

/** What the GPUs of each pool do together: percent as a mean, the rest added up. What was not measured counts for nothing. */
export function poolUsage(pools: readonly { name: string }[], devices: readonly PlacedDevice[], nodes: readonly NodeUsage[]): PoolUse[] {
  const poolOf = new Map(devices.map((device) => [device.uuid, device.pool]))
  const used = nodes.flatMap((node) => node.devices)
  return pools.map(({ name }) => {
    const own = used.filter((device) => poolOf.get(device.uuid) === name)
    const measured = own.filter((device) => device.gpu_percent !== null).length
    const percents = sum(own.map((device) => device.gpu_percent))
    return { name, measured, percent: percents === null ? null : percents / measured, memoryMb: sum(own.map((device) => device.gpu_memory_mb)), watts: sum(own.map((device) => device.gpu_power_w)) }
  })
}
