import { infiniteQueryOptions, queryOptions, type QueryClient } from '@tanstack/react-query'
import { api, take, type Schemas } from './client'

export type Pool = Schemas['Pool']
export type PoolFull = Schemas['PoolFull']
export type Device = Schemas['Device']
export type Node = Schemas['Node']
export type Group = Schemas['Group']
export type GroupFull = Schemas['GroupFull']
export type User = Schemas['User']
export type QueueEntry = Schemas['QueueEntry']

/** What several of the operators' screens read. Operators see everything, others what is their group's. */
export const poolsQuery = queryOptions({
  queryKey: ['cluster', 'pools'],
  queryFn: async () => (await take(api.GET('/pools'))).items,
})

export const devicesQuery = queryOptions({
  queryKey: ['cluster', 'devices'],
  queryFn: async () => (await take(api.GET('/devices'))).items,
})

export const groupsQuery = queryOptions({
  queryKey: ['cluster', 'groups'],
  queryFn: async () => (await take(api.GET('/groups'))).items,
})

export const nodesQuery = queryOptions({
  queryKey: ['cluster', 'nodes'],
  queryFn: async () => (await take(api.GET('/nodes'))).items,
})

export const queueSummaryQuery = queryOptions({
  queryKey: ['cluster', 'queue', 'summary'],
  queryFn: () => take(api.GET('/queue/summary')),
})

/** What the server found out about its machine; it changes rarely and is asked for rarely. */
export const doctorQuery = queryOptions({
  queryKey: ['cluster', 'doctor'],
  queryFn: async () => (await take(api.GET('/doctor'))).findings,
  staleTime: 60_000,
  meta: { live: 'own' },
})

export const serverQuery = queryOptions({
  queryKey: ['cluster', 'server'],
  queryFn: () => take(api.GET('/server')),
})

const kPage = 500

/** What waits, in the order in which its turn comes; in every pool unless one is named. */
export function queueQuery(pool?: string) {
  return infiniteQueryOptions({
    queryKey: ['cluster', 'queue', 'entries', pool ?? null],
    queryFn: ({ pageParam }) => take(api.GET('/queue', { params: { query: { ...(pool ? { pool } : {}), limit: kPage, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  })
}

/** After something of the cluster was changed here: the stream of changes may be late or lost. */
export function readClusterAgain(client: QueryClient): Promise<void> {
  return client.invalidateQueries({ predicate: (query) => query.queryKey[0] === 'cluster' && query.meta?.live !== 'own' })
}
