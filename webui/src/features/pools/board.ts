import type { Device, Pool } from '@/api/cluster'

/** Every GPU there is, and the pools that they lie in. */
export interface Board {
  pools: readonly Pool[]
  devices: readonly Device[]
}

export const kDefaultPool = 'default'

/** A GPU's name among all nodes. */
export function keyOf(device: { node: string; uuid: string }): string {
  return `${device.node}/${device.uuid}`
}

export function devicesIn(board: Board, pool: Pool): Device[] {
  return board.devices.filter((device) => device.pool === pool.name)
}

export interface Law {
  parts: { pool: string; total: number }[]
  sum: number
  devices: number
  holds: boolean
}

/** Every GPU is in exactly one pool: together the pools are what the machines have. */
export function lawOf(board: Board): Law {
  const parts = board.pools.map((pool) => ({ pool: pool.name, total: pool.total }))
  const sum = parts.reduce((all, part) => all + part.total, 0)
  return { parts, sum, devices: board.devices.length, holds: sum === board.devices.length }
}

function modelsInWords(devices: readonly Device[]): string {
  const models = new Map<string, number>()
  for (const device of devices) models.set(device.model, (models.get(device.model) ?? 0) + 1)
  return [...models].map(([model, count]) => `${count} ${model}`).join(', ')
}

function chosenOf(board: Board, keys: ReadonlySet<string>): Device[] {
  return board.devices.filter((device) => keys.has(keyOf(device)))
}

/** Of which model a pool may be given GPUs; any as long as it has none, and always in the Default Pool. */
function modelOf(pool: Pool): string | null {
  return pool.id === kDefaultPool || pool.total + pool.missing === 0 ? null : pool.model
}

/** Why these GPUs cannot go into that pool, in a sentence; null when they can. */
export function refusal(board: Board, keys: ReadonlySet<string>, target: Pool): string | null {
  const chosen = chosenOf(board, keys)
  const moving = chosen.filter((device) => device.pool !== target.name)
  if (chosen.length === 0) return 'No GPU is chosen.'
  if (moving.length === 0) return chosen.length === 1 ? `${chosen[0]!.name} is in ${target.name} already.` : `They are in ${target.name} already.`
  const busy = moving.filter((device) => device.in_use)
  if (busy.length > 0) {
    const more = busy.length > 1 ? `, and ${busy.length - 1} more` : ''
    return `${busy[0]!.name} is in use${busy[0]!.job_name ? ` by ${busy[0]!.job_name}` : ''}${more}: a GPU in use cannot move until it is released.`
  }
  if (target.id === kDefaultPool) return null
  const model = modelOf(target) ?? moving[0]!.model
  if (moving.every((device) => device.model === model)) return null
  if (modelOf(target) === null) return `A pool has one model only, and these are ${modelsInWords(moving)}.`
  return `${target.name} has GPUs of the model ${model}, and a pool has one model only; these are ${modelsInWords(moving)}.`
}

export interface Step {
  pool: Pool
  take: Device[]
  give: Device[]
}

/** Which pools change, and how, in the order that works: what another pool has is taken out there first. */
export function stepsOf(board: Board, keys: ReadonlySet<string>, target: Pool): Step[] {
  const moving = chosenOf(board, keys).filter((device) => device.pool !== target.name)
  const takes = board.pools
    .filter((pool) => pool.id !== kDefaultPool && pool.id !== target.id)
    .map((pool) => ({ pool, take: moving.filter((device) => device.pool === pool.name), give: [] }))
    .filter((step) => step.take.length > 0)
  return target.id === kDefaultPool || moving.length === 0 ? takes : [...takes, { pool: target, take: [], give: moving }]
}

/** The board once the GPUs have moved: what is shown before the server has answered. */
export function moved(board: Board, keys: ReadonlySet<string>, target: Pool): Board {
  const devices = board.devices.map((device) => (keys.has(keyOf(device)) ? { ...device, pool: target.name } : device))
  const pools = board.pools.map((pool) => {
    const inside = devices.filter((device) => device.pool === pool.name)
    if (pool.id !== target.id && inside.length === pool.total) return pool
    const used = inside.filter((device) => device.in_use).length
    const unhealthy = inside.filter((device) => !device.healthy).length
    const free = inside.filter((device) => device.healthy && !device.in_use).length
    const model = pool.id === kDefaultPool ? null : modelOf(pool) ?? inside[0]?.model ?? pool.model
    return { ...pool, total: inside.length, used, unhealthy, free, model }
  })
  return { pools, devices }
}

/** What can still be taken from the Default Pool: idle GPUs by model. */
export function spare(board: Board): { model: string; free: number }[] {
  const home = board.pools.find((pool) => pool.id === kDefaultPool)
  const models = new Map<string, number>()
  for (const device of board.devices) {
    if (device.pool !== home?.name) continue
    models.set(device.model, (models.get(device.model) ?? 0) + (device.in_use ? 0 : 1))
  }
  return [...models].map(([model, free]) => ({ model, free })).sort((a, b) => a.model.localeCompare(b.model))
}

/** The devices of a pool by their node, nodes in the order in which they come. */
export function byNode(devices: readonly Device[]): { node: string; devices: Device[] }[] {
  const nodes = new Map<string, Device[]>()
  for (const device of devices) {
    const known = nodes.get(device.node)
    if (known) known.push(device)
    else nodes.set(device.node, [device])
  }
  return [...nodes].map(([node, list]) => ({ node, devices: list.sort((a, b) => a.index - b.index) }))
}
