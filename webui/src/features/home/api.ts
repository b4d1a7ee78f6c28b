import { queryOptions } from '@tanstack/react-query'
import { api, take } from '@/api/client'

const kRows = 12

/** One's own jobs that have not ended, the newest first. */
export const liveJobsQuery = queryOptions({
  queryKey: ['jobs', 'home', 'live'] as const,
  queryFn: async () => (await take(api.GET('/jobs', { params: { query: { show: 'owned', live: true, limit: 100 } } }))).items,
})

/** One's own last results. */
export const recentJobsQuery = queryOptions({
  queryKey: ['jobs', 'home', 'recent'] as const,
  queryFn: async () => (await take(api.GET('/jobs', { params: { query: { show: 'owned', state: 'Complete,Error,Stopped', limit: kRows } } }))).items,
})

/** The projects that changed last; a page of them is enough for a home page. */
export const homeProjectsQuery = queryOptions({
  queryKey: ['projects', 'home'] as const,
  queryFn: async () => (await take(api.GET('/projects', { params: { query: { order: 'changed', limit: 100 } } }))).items,
})

/** How many GPUs one's group may use, and how many are free. */
export const capabilityQuery = queryOptions({
  queryKey: ['cluster', 'capability'] as const,
  queryFn: () => take(api.GET('/capability')),
})
