import { infiniteQueryOptions } from '@tanstack/react-query'
import { api, take, type Schemas } from '@/api/client'
import { sinceOf, type AuditFilter } from './filter'

export type AuditEntry = Schemas['AuditEntry']

const kPage = 200

export function auditQuery(filter: AuditFilter) {
  return infiniteQueryOptions({
    queryKey: ['cluster', 'audit', filter],
    queryFn: ({ pageParam }) => {
      const since = sinceOf(filter, Date.now())
      return take(
        api.GET('/audit', {
          params: {
            query: {
              ...(filter.actor ? { actor: filter.actor } : {}),
              ...(filter.action ? { action: filter.action } : {}),
              ...(filter.subject ? { subject: filter.subject } : {}),
              ...(since ? { since } : {}),
              ...(filter.until ? { until: filter.until } : {}),
              limit: kPage,
              ...(pageParam ? { cursor: pageParam } : {}),
            },
          },
        }),
      )
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: (before) => before,
    // The beginning follows what happens; who reads further back is not made to read all of it again and again.
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 1 ? false : 5_000),
    meta: { live: 'own' },
  })
}
