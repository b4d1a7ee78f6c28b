import type { JobState, Schemas } from '@/api/client'
import type { Device, Node, Pool, QueueEntry, User } from '@/api/cluster'

type JobShort = Schemas['JobShort']

export const kRunningStates: JobState[] = ['Starting', 'Running', 'Training', 'Stopping']

export type Span = '1h' | '24h' | '7d'

export const kSpans: { value: Span; label: string; words: string; ms: number }[] = [
  { value: '1h', label: 'Last hour', words: 'in the last hour', ms: 3_600_000 },
  { value: '24h', label: 'Last day', words: 'in the last day', ms: 86_400_000 },
  { value: '7d', label: 'Last week', words: 'in the last week', ms: 7 * 86_400_000 },
]

/** What ended in a span of time, the latest first. */
export function endedSince(jobs: readonly JobShort[], since: number): JobShort[] {
  return jobs
    .filter((job) => job.ended_at !== null && Date.parse(job.ended_at) >= since)
    .sort((a, b) => Date.parse(b.ended_at ?? '') - Date.parse(a.ended_at ?? ''))
}

/** How many jobs run, however far they are; those that wait do not. */
export function runningIn(byState: Record<string, unknown>): number {
  return kRunningStates.reduce((sum, state) => sum + Number(byState[state] ?? 0), 0)
}

export interface Use {
  /** A user, or a group where it cannot be told who of it. */
  name: string
  kind: 'user' | 'group'
  gpus: number
}

/**
 * Who uses a pool: its groups' people with what each has. A group that uses GPUs of several pools is told as a whole,
 * because nobody says in which of them its people have theirs.
 */
export function usersOf(pool: Pool, pools: readonly Pool[], users: readonly User[]): Use[] {
  return (pool.used_by_group ?? []).flatMap((use): Use[] => {
    const isSpread = pools.some((other) => other.id !== pool.id && other.used_by_group?.some((each) => each.group.id === use.group.id && each.gpus > 0))
    const people = users.filter((user) => user.group.id === use.group.id && user.gpus > 0)
    const sum = people.reduce((all, user) => all + user.gpus, 0)
    if (isSpread || sum !== use.gpus) return [{ name: use.group.name, kind: 'group', gpus: use.gpus }]
    return people.sort((a, b) => b.gpus - a.gpus).map((user) => ({ name: user.name, kind: 'user', gpus: user.gpus }))
  })
}

export interface Health {
  nodes: number
  degraded: string[]
  devices: number
  used: number
  unhealthy: Device[]
}

export function healthOf(nodes: readonly Node[]): Health {
  const devices = nodes.flatMap((node) => node.devices)
  return {
    nodes: nodes.length,
    degraded: nodes.filter((node) => node.devices.some((device) => !device.healthy)).map((node) => node.name),
    devices: devices.length,
    used: devices.filter((device) => device.in_use).length,
    unhealthy: devices.filter((device) => !device.healthy),
  }
}

const kWhy: Record<string, string> = {
  gpus: 'for GPUs',
  cpu: 'for CPUs',
  memory: 'for memory',
  place: 'for a node with room',
  unhealthy: 'for GPUs to be healthy again',
  pool_too_small: 'for a larger pool',
  quota: "for the group's share",
  behind: 'for those ahead',
  held: 'to be released',
  starting: 'to start',
}

/** What the waiting jobs wait for, the commonest first. */
export function waitsFor(entries: readonly QueueEntry[]): { why: string; jobs: number }[] {
  const counts = new Map<string, number>()
  for (const entry of entries) {
    const code = entry.held === null ? (entry.code ?? '') : 'held'
    const why = kWhy[code] ?? 'for another reason'
    counts.set(why, (counts.get(why) ?? 0) + 1)
  }
  return [...counts].map(([why, jobs]) => ({ why, jobs })).sort((a, b) => b.jobs - a.jobs)
}
