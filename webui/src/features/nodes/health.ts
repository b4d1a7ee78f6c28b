import type { Node } from '@/api/cluster'

export interface NodeHealth {
  /** A word that ui/state-badge knows. */
  word: 'healthy' | 'degraded'
  gpus: number
  used: number
  unhealthy: number
}

/** A machine with a GPU that cannot be used is degraded: it works, with less. */
export function healthOf(node: Node): NodeHealth {
  const unhealthy = node.devices.filter((device) => !device.healthy).length
  return { word: unhealthy > 0 ? 'degraded' : 'healthy', gpus: node.devices.length, used: node.devices.filter((device) => device.in_use).length, unhealthy }
}
