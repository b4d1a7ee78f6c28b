import { queryOptions } from '@tanstack/react-query'
import { api, take } from '@/api/client'

export const kMostFailures = 200

/** The newest jobs of everyone that failed. */
export const failuresQuery = queryOptions({
  queryKey: ['jobs', 'failed', 'everyone'],
  queryFn: () => take(api.GET('/jobs', { params: { query: { show: 'everyone', state: 'Error', limit: kMostFailures } } })),
})

/** What runs now, of everyone. */
export const runningQuery = queryOptions({
  queryKey: ['jobs', 'running', 'everyone'],
  queryFn: () => take(api.GET('/jobs', { params: { query: { show: 'everyone', state: 'Starting,Running,Training,Stopping', limit: 100 } } })),
})

/** All people, for who uses which GPUs. */
export const peopleQuery = queryOptions({
  queryKey: ['cluster', 'users', 'all'],
  queryFn: async () => (await take(api.GET('/users', { params: { query: { limit: 1000 } } }))).items,
})
