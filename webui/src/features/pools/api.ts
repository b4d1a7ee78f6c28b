import type { QueryClient } from '@tanstack/react-query'
import { api, take, type Schemas } from '@/api/client'
import { devicesQuery, poolsQuery, readClusterAgain, type Device, type Pool, type PoolFull } from '@/api/cluster'
import { queryOptions } from '@tanstack/react-query'
import { keyOf, moved, stepsOf, type Board, type Step } from './board'

export const poolQuery = (pool: string) =>
  queryOptions({
    queryKey: ['cluster', 'pools', pool],
    queryFn: () => take(api.GET('/pools/{pool}', { params: { path: { pool } } })),
  })

type DeviceKey = Schemas['DeviceKey']

async function change(step: Step): Promise<PoolFull> {
  const { pool } = step
  // Read at once before, so that GPUs are kept which somebody else has just added, and those that are away.
  const now = await take(api.GET('/pools/{pool}', { params: { path: { pool: pool.id } } }))
  const gone = new Set(step.take.map(keyOf))
  const devices: DeviceKey[] = [...now.devices, ...now.missing_devices, ...step.give].filter((device) => !gone.has(keyOf(device))).map(({ node, uuid }) => ({ node, uuid }))
  const isEmpty = now.devices.length + now.missing_devices.length === 0
  const model = isEmpty ? step.give[0]?.model : undefined
  return take(api.PATCH('/pools/{pool}', { params: { path: { pool: pool.id } }, body: { devices, ...(model === undefined ? {} : { model }) } }))
}

/** Step by step; when one is refused, those before it are taken back. */
export async function moveDevices(board: Board, keys: ReadonlySet<string>, target: Pool): Promise<void> {
  const done: Step[] = []
  try {
    for (const step of stepsOf(board, keys, target)) {
      await change(step)
      done.push(step)
    }
  } catch (error) {
    for (const step of done.reverse()) await change({ pool: step.pool, take: step.give, give: step.take }).catch(() => {})
    throw error
  }
}

/** Shows a move before the server has answered; the function that comes back takes it back. */
export async function moveAhead(client: QueryClient, board: Board, keys: ReadonlySet<string>, target: Pool): Promise<() => void> {
  await client.cancelQueries({ queryKey: poolsQuery.queryKey })
  await client.cancelQueries({ queryKey: devicesQuery.queryKey })
  const after = moved(board, keys, target)
  client.setQueryData(poolsQuery.queryKey, [...after.pools])
  client.setQueryData(devicesQuery.queryKey, [...after.devices])
  return () => {
    client.setQueryData(poolsQuery.queryKey, [...board.pools])
    client.setQueryData(devicesQuery.queryKey, [...board.devices])
  }
}

export interface NewPool {
  name: string
  model?: string
  gpus?: number
  devices?: Device[]
}

export async function createPool(client: QueryClient, pool: NewPool): Promise<PoolFull> {
  const { devices, ...rest } = pool
  const made = await take(api.POST('/pools', { body: { ...rest, ...(devices ? { devices: devices.map(({ node, uuid }) => ({ node, uuid })) } : {}) } }))
  await readClusterAgain(client)
  return made
}

export async function editPool(client: QueryClient, pool: string, edit: { name?: string; gpus?: number; model?: string }): Promise<PoolFull> {
  const saved = await take(api.PATCH('/pools/{pool}', { params: { path: { pool } }, body: edit }))
  await readClusterAgain(client)
  return saved
}

export async function deletePool(client: QueryClient, pool: string): Promise<void> {
  await take(api.DELETE('/pools/{pool}', { params: { path: { pool } } }))
  client.removeQueries({ queryKey: poolQuery(pool).queryKey })
  await readClusterAgain(client)
}
