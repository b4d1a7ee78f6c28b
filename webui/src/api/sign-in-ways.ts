import { queryOptions } from '@tanstack/react-query'
import { api, take } from './client'

/** How people sign in here: passwords, identity providers. */
export const waysQuery = queryOptions({
  queryKey: ['static', 'ways'],
  queryFn: () => take(api.GET('/sign-in')),
  staleTime: Infinity,
})
