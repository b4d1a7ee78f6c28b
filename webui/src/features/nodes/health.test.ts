import { expect, it } from 'vitest'
import type { Node } from '@/api/cluster'
import { healthOf } from './health'

const node = (devices: { healthy: boolean; in_use: boolean }[]) => ({ devices }) as Node

it('a node is degraded as soon as one GPU cannot be used', () => {
  expect(healthOf(node([]))).toEqual({ word: 'healthy', gpus: 0, used: 0, unhealthy: 0 })
  expect(
    healthOf(
      node([
        { healthy: true, in_use: true },
        { healthy: false, in_use: false },
      ]),
    ),
  ).toEqual({ word: 'degraded', gpus: 2, used: 1, unhealthy: 1 })
})
