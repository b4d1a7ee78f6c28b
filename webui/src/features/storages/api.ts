import { queryOptions, type QueryClient } from '@tanstack/react-query'
import { api, take, type Schemas } from '@/api/client'
import type { Owner } from './usage'

export type Storage = Schemas['Storage']
export type StorageFull = Schemas['StorageFull']

export const storagesQuery = queryOptions({
  queryKey: ['cluster', 'storages'],
  queryFn: async ({ signal }) => (await take(api.GET('/storages', { signal }))).items,
})

export function storageQuery(storage: string) {
  return queryOptions({
    queryKey: ['cluster', 'storages', storage] as const,
    queryFn: ({ signal }) => take(api.GET('/storages/{storage}', { params: { path: { storage } }, signal })),
  })
}

/** `quota` as people write it: "100GB", "none", or "default" for the storage's own. */
export async function setQuota(client: QueryClient, storage: string, owner: Owner, quota: string): Promise<void> {
  const full = await take(api.PUT('/storages/{storage}/quota', { params: { path: { storage } }, body: { [owner.kind]: owner.id, quota } }))
  client.setQueryData(storageQuery(storage).queryKey, full)
}
