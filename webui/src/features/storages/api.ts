import { queryOptions } from '@tanstack/react-query'
import { api, take, type Schemas } from '@/api/client'

export type Storage = Schemas['Storage']

export const storagesQuery = queryOptions({
  queryKey: ['cluster', 'storages'],
  queryFn: async () => (await take(api.GET('/storages'))).items,
})
