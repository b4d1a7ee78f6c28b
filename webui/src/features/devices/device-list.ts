import type { Device } from '@/api/cluster'

export type DeviceState = 'free' | 'in use' | 'unhealthy'

export interface DevicesFilter {
  text?: string
  pool?: string
  node?: string
  model?: string
  state?: DeviceState
}

/** A GPU that is broken while a job has it counts as in use: the job goes on. */
export function stateOf(device: Device): DeviceState {
  return device.in_use ? 'in use' : device.healthy ? 'free' : 'unhealthy'
}

/** Which GPUs a filter lets through; unhealthy means all that are, whether in use or not. */
export function filtered(devices: readonly Device[], filter: DevicesFilter): Device[] {
  const text = filter.text?.toLowerCase() ?? ''
  return devices.filter(
    (device) =>
      (!filter.pool || device.pool === filter.pool) &&
      (!filter.node || device.node === filter.node) &&
      (!filter.model || device.model === filter.model) &&
      (!filter.state || (filter.state === 'unhealthy' ? !device.healthy : stateOf(device) === filter.state)) &&
      (text === '' || [device.name, device.uuid, device.model, device.pool, device.job_name ?? '', device.fault ?? ''].some((word) => word.toLowerCase().includes(text))),
  )
}

/** The distinct values of a column, for its filter. */
export function valuesOf(devices: readonly Device[], of: (device: Device) => string, chosen?: string): string[] {
  return [...new Set([...devices.map(of), ...(chosen ? [chosen] : [])])].sort((a, b) => a.localeCompare(b))
}
