import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, take, type Schemas } from '@/api/client'
import type { Interval, Period } from './metrics-search'

export type Measured = Schemas['Measured']
export type MeasuredTask = Schemas['MeasuredTask']
export type MeasuredComponent = Schemas['MeasuredComponent']
export type Metrics = Schemas['Metrics']
export type Metric = Schemas['Metric']
export type Usage = Schemas['Usage']
export type NodeUsage = Schemas['NodeUsage']

const kAgainMs = 5_000
/** The last values of a job may be read a little after its end. */
const kAfterEndMs = 30_000
const kMostPoints = 1000

/** What a project has metrics of, the newest jobs first. */
export function measuredQuery(project: string) {
  return infiniteQueryOptions({
    queryKey: ['jobs', 'measured', project] as const,
    queryFn: ({ pageParam, signal }) => take(api.GET('/projects/{project}/metrics', { params: { path: { project }, query: { limit: 50, cursor: pageParam ?? undefined } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  })
}

/** The curves of a job. While it runs they are read again and again; nothing on the stream of changes says that they grow. */
export function jobMetricsQuery(job: string, interval: Interval | undefined, details: boolean) {
  return queryOptions({
    queryKey: ['job', job, 'metrics', interval, details] as const,
    queryFn: async ({ signal }) =>
      (await take(api.GET('/jobs/{job}/metrics', { params: { path: { job }, query: { interval, details: details ? 'replicas' : 'none', max_points: kMostPoints, format: 'json' } }, signal }))) as Metrics,
    refetchInterval: ({ state }) => {
      const end = state.data?.end
      return end && Date.now() - Date.parse(end) > kAfterEndMs ? false : kAgainMs
    },
    placeholderData: keepPreviousData,
    structuralSharing: false,
    meta: { live: 'own' },
  })
}

/** The curves of a component through its restarts. */
export function componentMetricsQuery(project: string, component: string, period: Period, details: boolean) {
  return queryOptions({
    queryKey: ['projects', 'metrics', project, component, period, details] as const,
    queryFn: async ({ signal }) =>
      (await take(
        api.GET('/projects/{project}/components/{component}/metrics', {
          params: { path: { project, component }, query: { period, details: details ? 'replicas' : 'none', max_points: kMostPoints, format: 'json' } },
          signal,
        }),
      )) as Metrics,
    refetchInterval: kAgainMs,
    placeholderData: keepPreviousData,
    structuralSharing: false,
    meta: { live: 'own' },
  })
}

/** What machines use now; for operators. */
export const usageQuery = queryOptions({
  queryKey: ['static', 'usage'],
  queryFn: ({ signal }) => take(api.GET('/usage', { params: { query: { limit: 1 } }, signal })),
  refetchInterval: kAgainMs,
})

/** What a machine and its GPUs used in the last hour. */
export function nodeMetricsQuery(node: string) {
  return queryOptions({
    queryKey: ['static', 'node metrics', node] as const,
    queryFn: async ({ signal }) =>
      (await take(api.GET('/nodes/{node}/metrics', { params: { path: { node }, query: { period: '1h', details: 'none', max_points: 200, format: 'json' } }, signal }))) as Metrics,
    refetchInterval: 30_000,
    structuralSharing: false,
  })
}
