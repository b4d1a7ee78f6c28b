import { queryOptions } from '@tanstack/react-query'
import { api, take, type Schemas } from './client'

export type Project = Schemas['Project']
export type ProjectFull = Schemas['ProjectFull']

/** A project with its document, by name or id. */
export function projectQuery(project: string) {
  return queryOptions({
    queryKey: ['project', project, 'full'] as const,
    queryFn: ({ signal }) => take(api.GET('/projects/{project}', { params: { path: { project } }, signal })),
  })
}

/** The header by which an edit says which revision it was made from. */
export function ifMatch(revision: number): string {
  return `"${revision}"`
}
