import { queryOptions } from '@tanstack/react-query'
import { api, take } from './client'

/** The storages that sources may lie on. */
export const storagesQuery = queryOptions({
  queryKey: ['cluster', 'storages'] as const,
  queryFn: async ({ signal }) => (await take(api.GET('/storages', { signal }))).items,
  staleTime: 60_000,
})
