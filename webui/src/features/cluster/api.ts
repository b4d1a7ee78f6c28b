import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, take } from '@/api/client'
import type { Span } from './glance'

/** How many jobs of everyone are in which state, and how many failed in a span of time. */
export const numbersQuery = (span: Span) =>
  queryOptions({
    queryKey: ['jobs', 'numbers', 'everyone', span],
    queryFn: () => take(api.GET('/jobs/summary', { params: { query: { show: 'everyone', since: span } } })),
    placeholderData: keepPreviousData,
    // The span moves on though nothing happens.
    refetchInterval: 60_000,
  })

/** The last jobs of everyone that failed. */
export const failuresQuery = queryOptions({
  queryKey: ['jobs', 'failed', 'everyone'],
  queryFn: async () => (await take(api.GET('/jobs', { params: { query: { show: 'everyone', state: 'Error', order: 'ended', limit: 8 } } }))).items,
})

/** What runs now, of everyone. */
export const runningQuery = queryOptions({
  queryKey: ['jobs', 'running', 'everyone'],
  queryFn: async () => (await take(api.GET('/jobs', { params: { query: { show: 'everyone', state: 'Starting,Running,Training,Stopping', limit: 8 } } }))).items,
})

/** All people, for who uses which GPUs. */
export const peopleQuery = queryOptions({
  queryKey: ['cluster', 'users', 'all'],
  queryFn: async () => (await take(api.GET('/users', { params: { query: { limit: 1000 } } }))).items,
})
