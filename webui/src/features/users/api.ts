import { infiniteQueryOptions, queryOptions, type QueryClient } from '@tanstack/react-query'
import { api, take, type Schemas } from '@/api/client'
import { readClusterAgain } from '@/api/cluster'

export type Invitation = Schemas['Invitation']
export type Token = Schemas['Token']

export interface UsersFilter {
  text?: string
  group?: string
  offboarded?: boolean
}

const kPage = 200

export function usersQuery(filter: UsersFilter) {
  return infiniteQueryOptions({
    queryKey: ['cluster', 'users', filter],
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/users', {
          params: {
            query: {
              ...(filter.text ? { text: filter.text } : {}),
              ...(filter.group ? { group: filter.group } : {}),
              ...(filter.offboarded ? { offboarded: true } : {}),
              limit: kPage,
              ...(pageParam ? { cursor: pageParam } : {}),
            },
          },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: (before) => before,
  })
}

export const userQuery = (user: string) =>
  queryOptions({
    queryKey: ['cluster', 'users', user],
    queryFn: () => take(api.GET('/users/{user}', { params: { path: { user } } })),
  })

export const tokensQuery = (user: string) =>
  queryOptions({
    queryKey: ['cluster', 'users', user, 'tokens'],
    queryFn: async () => (await take(api.GET('/users/{user}/tokens', { params: { path: { user } } }))).items,
  })

export async function onboard(client: QueryClient, user: Schemas['NewUser']): Promise<Invitation> {
  const invitation = await take(api.POST('/users', { body: user }))
  await readClusterAgain(client)
  return invitation
}

export async function changeUser(client: QueryClient, user: string, change: Schemas['UserChange']): Promise<void> {
  await take(api.PATCH('/users/{user}', { params: { path: { user } }, body: change }))
  await readClusterAgain(client)
}

export async function offboard(client: QueryClient, user: string, force: boolean): Promise<void> {
  await take(api.POST('/users/{user}/offboard', { params: { path: { user } }, body: { force } }))
  await readClusterAgain(client)
}

export function invite(user: string): Promise<Invitation> {
  return take(api.POST('/users/{user}/invite', { params: { path: { user } } }))
}

export async function revokeToken(client: QueryClient, user: string, token: string): Promise<void> {
  await take(api.DELETE('/users/{user}/tokens/{token}', { params: { path: { user, token } } }))
  await client.invalidateQueries({ queryKey: tokensQuery(user).queryKey })
}

export async function signOutEverywhere(client: QueryClient, user: string, tokens: boolean): Promise<void> {
  await take(api.DELETE('/users/{user}/sessions', { params: { path: { user }, query: { tokens } } }))
  await client.invalidateQueries({ queryKey: tokensQuery(user).queryKey })
}
