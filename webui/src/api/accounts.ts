import { queryOptions } from '@tanstack/react-query'
import { api, take } from './client'

/** The names of the accounts that open a kind of source: one's own and those of one's group. */
export function accountNamesQuery(kind: 'git' | 's3') {
  return queryOptions({
    queryKey: ['session', 'accounts', 'names', kind] as const,
    queryFn: async () => (await take(api.GET('/accounts'))).items.filter((each) => each.kind.startsWith(kind)).map((each) => each.name),
  })
}
