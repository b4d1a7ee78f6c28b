import { queryOptions, useSuspenseQuery, type QueryClient } from '@tanstack/react-query'
import { api, setCsrf, take, type Schemas } from './client'

export type Session = Schemas['Session']

/** Who is signed in here. Fails with a signed-out ApiError for nobody. */
export const sessionQuery = queryOptions({
  queryKey: ['session'] as const,
  queryFn: async () => {
    const session = await take(api.GET('/session'))
    setCsrf(session.csrf)
    return session
  },
  staleTime: 60_000,
  retry: false,
})

/** Who looks at the page. Inside of pages for people who are signed in only. */
export function useMe(): Session & { isOperator: boolean } {
  const { data } = useSuspenseQuery(sessionQuery)
  return { ...data, isOperator: data.role === 'operator' }
}

export async function signIn(client: QueryClient, user: string, password: string): Promise<Session> {
  const signedIn = await take(api.POST('/session', { body: { user, password } }))
  setCsrf(signedIn.csrf)
  return client.fetchQuery({ ...sessionQuery, staleTime: 0 })
}

export async function signOut(client: QueryClient, everywhere: boolean): Promise<void> {
  if (everywhere) await take(api.DELETE('/sessions', { params: { query: { tokens: true } } }))
  else await take(api.DELETE('/session'))
  setCsrf(null)
  client.clear()
}
