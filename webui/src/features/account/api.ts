import { queryOptions } from '@tanstack/react-query'
import { api, take, type Schemas } from '@/api/client'

export type Token = Schemas['Token']
export type Scope = NonNullable<Schemas['NewToken']['scopes']>[number]

export const tokensQuery = queryOptions({
  queryKey: ['session', 'tokens'] as const,
  queryFn: async () => (await take(api.GET('/tokens'))).items,
})

export const sessionsQuery = queryOptions({
  queryKey: ['session', 'places'] as const,
  queryFn: async () => (await take(api.GET('/sessions'))).items,
})

export function makeToken(name: string, scopes: Scope[], expires: string): Promise<Schemas['TokenMade']> {
  return take(api.POST('/tokens', { body: { name, scopes, ...(expires ? { expires } : {}) } }))
}

export function revokeToken(token: string): Promise<unknown> {
  return take(api.DELETE('/tokens/{token}', { params: { path: { token } } }))
}

export function setPassword(user: string, oldPassword: string, password: string): Promise<unknown> {
  return take(api.POST('/password', { body: { user, old_password: oldPassword, password } }))
}

/** Where the browser goes to link an account of that provider. */
export async function beginLink(provider: string): Promise<string> {
  return (await take(api.POST('/sign-in/{provider}/link', { params: { path: { provider } } }))).redirect_url
}
