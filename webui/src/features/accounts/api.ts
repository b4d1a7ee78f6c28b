import { queryOptions } from '@tanstack/react-query'
import { api, take, type Schemas } from '@/api/client'

export type Account = Schemas['Account']
export type NewAccount = Schemas['NewAccount']
export type AccountEdit = Schemas['AccountEdit']

/** One's own and those of one's group. */
export const accountsQuery = queryOptions({
  queryKey: ['session', 'accounts'] as const,
  queryFn: async () => (await take(api.GET('/accounts'))).items,
})

export function makeAccount(account: NewAccount): Promise<Account> {
  return take(api.POST('/accounts', { body: account }))
}

export function changeAccount(account: string, edit: AccountEdit): Promise<Account> {
  return take(api.PATCH('/accounts/{account}', { params: { path: { account } }, body: edit }))
}

export function deleteAccount(account: string, force: boolean): Promise<unknown> {
  return take(api.DELETE('/accounts/{account}', { params: { path: { account }, query: force ? { force } : {} } }))
}
