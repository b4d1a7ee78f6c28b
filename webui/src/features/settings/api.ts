import { queryOptions } from '@tanstack/react-query'
import { api, take } from '@/api/client'

export const waysInQuery = queryOptions({
  queryKey: ['static', 'ways'],
  queryFn: () => take(api.GET('/sign-in')),
  staleTime: Infinity,
})

export const storagesQuery = queryOptions({
  queryKey: ['cluster', 'storages'],
  queryFn: async () => (await take(api.GET('/storages'))).items,
})
