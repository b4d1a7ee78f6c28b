import { describe, expect, it } from 'vitest'
import type { Schemas } from '@/api/client'
import type { Node, Pool, QueueEntry, User } from '@/api/cluster'
import { endedSince, healthOf, runningIn, usersOf, waitsFor } from './glance'

const group = (id: string) => ({ id, name: id })
const pool = (id: string, uses: [string, number][]) => ({ id, name: id, used_by_group: uses.map(([name, gpus]) => ({ group: group(name), gpus })) }) as Pool
const user = (name: string, of: string, gpus: number) => ({ id: name, name, group: group(of), gpus }) as User

describe('who uses a pool', () => {
  const users = [user('ana', 'research', 2), user('bo', 'research', 4), user('chen', 'research', 0), user('dora', 'vision', 1)]

  it('is told by person, whoever has most first', () => {
    const pools = [pool('a', [['research', 6]])]
    expect(usersOf(pools[0]!, pools, users)).toEqual([
      { name: 'bo', kind: 'user', gpus: 4 },
      { name: 'ana', kind: 'user', gpus: 2 },
    ])
  })

  it('is told by group where a group uses more than one pool', () => {
    const pools = [pool('a', [['research', 4], ['vision', 1]]), pool('b', [['research', 2]])]
    expect(usersOf(pools[0]!, pools, users)).toEqual([
      { name: 'research', kind: 'group', gpus: 4 },
      { name: 'dora', kind: 'user', gpus: 1 },
    ])
  })

  it('is told by group while the numbers are of different moments', () => {
    const pools = [pool('a', [['research', 7]])]
    expect(usersOf(pools[0]!, pools, users)).toEqual([{ name: 'research', kind: 'group', gpus: 7 }])
  })

  it('is nobody where nothing is told', () => {
    const hidden = { ...pool('a', []), used_by_group: null }
    expect(usersOf(hidden, [hidden], users)).toEqual([])
  })
})

it('what failed is counted by when it ended', () => {
  const job = (name: string, ended: string | null) => ({ name, ended_at: ended }) as Schemas['JobShort']
  const jobs = [job('old', '2026-01-01T00:00:00Z'), job('first', '2026-01-02T00:00:00Z'), job('live', null), job('last', '2026-01-02T01:00:00Z')]
  expect(endedSince(jobs, Date.parse('2026-01-02T00:00:00Z')).map((each) => each.name)).toEqual(['last', 'first'])
})

it('a node with a broken GPU is degraded', () => {
  const node = (name: string, healthy: boolean) => ({ name, devices: [{ healthy, in_use: healthy }] }) as Node
  expect(healthOf([node('a', true), node('b', false)])).toMatchObject({ nodes: 2, degraded: ['b'], devices: 2, used: 1, unhealthy: [{ healthy: false }] })
})

it('waits are counted by their cause', () => {
  const entry = (code: string | null, held: string | null = null) => ({ code, held }) as QueueEntry
  expect(waitsFor([entry('gpus'), entry('gpus'), entry('gpus', 'held by ana'), entry('new_cause'), entry(null)])).toEqual([
    { why: 'for GPUs', jobs: 2 },
    { why: 'for another reason', jobs: 2 },
    { why: 'to be released', jobs: 1 },
  ])
})

it('what runs is whatever neither waits nor has ended', () => {
  expect(runningIn({ Queued: 7, Starting: 1, Running: 2, Training: 3, Stopping: 1, Error: 9 })).toBe(7)
  expect(runningIn({})).toBe(0)
})
