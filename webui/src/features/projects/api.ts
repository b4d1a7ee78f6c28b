import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, take, type Schemas } from '@/api/client'
import { yamlBody } from '@/api/projects'

export type Show = 'owned' | 'shared' | 'all' | 'everyone'

const kPage = 100

export function projectsQuery(show: Show, text: string) {
  return infiniteQueryOptions({
    queryKey: ['projects', 'list', show, text] as const,
    queryFn: ({ pageParam, signal }) =>
      take(api.GET('/projects', { params: { query: { show, limit: kPage, ...(text ? { text } : {}), ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  })
}

/** Whether there is any project at all that this person may see. */
export const anyProjectQuery = queryOptions({
  queryKey: ['projects', 'any'] as const,
  queryFn: async () => (await take(api.GET('/projects', { params: { query: { limit: 1 } } }))).items.length > 0,
})

export type ProjectSaved = Schemas['ProjectSaved']

/** Makes a project from the text of its file. The key makes trying again safe. */
export function createProject(text: string, key: string): Promise<ProjectSaved> {
  return take(api.POST('/projects', { params: { header: { 'Idempotency-Key': key } }, ...yamlBody(text) }))
}

/** Makes a project from its document in a git repository. */
export function importProject(from: { repository: string; revision: string; path: string; name: string }, key: string): Promise<ProjectSaved> {
  const given = Object.fromEntries(Object.entries(from).filter(([, value]) => value !== ''))
  return take(api.POST('/projects/import', { params: { header: { 'Idempotency-Key': key } }, body: { repository: from.repository, ...given } }))
}
