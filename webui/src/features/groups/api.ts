import { queryOptions, type QueryClient } from '@tanstack/react-query'
import { api, take, type Schemas } from '@/api/client'
import { readClusterAgain, type GroupFull } from '@/api/cluster'

export const groupQuery = (group: string) =>
  queryOptions({
    queryKey: ['cluster', 'groups', group],
    queryFn: () => take(api.GET('/groups/{group}', { params: { path: { group } } })),
  })

export type GroupEdit = Schemas['GroupEdit']

export async function createGroup(client: QueryClient, group: Schemas['NewGroup']): Promise<GroupFull> {
  const made = await take(api.POST('/groups', { body: group }))
  await readClusterAgain(client)
  return made
}

export async function editGroup(client: QueryClient, group: string, edit: GroupEdit): Promise<GroupFull> {
  const saved = await take(api.PATCH('/groups/{group}', { params: { path: { group } }, body: edit }))
  await readClusterAgain(client)
  return saved
}

export async function deleteGroup(client: QueryClient, group: string): Promise<void> {
  await take(api.DELETE('/groups/{group}', { params: { path: { group } } }))
  client.removeQueries({ queryKey: groupQuery(group).queryKey })
  await readClusterAgain(client)
}

export async function moveUser(client: QueryClient, user: string, group: string): Promise<void> {
  await take(api.PATCH('/users/{user}', { params: { path: { user } }, body: { group } }))
  await readClusterAgain(client)
}
