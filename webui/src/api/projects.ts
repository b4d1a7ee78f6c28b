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

/** A document's text as a body: the server reads YAML, the types know its content only. */
export function yamlBody(text: string) {
  return {
    headers: { 'Content-Type': 'application/yaml' },
    body: text as unknown as Schemas['ProjectDocument'],
    bodySerializer: (body: unknown) => body as string,
  }
}

/** What the server says of a document; nothing is made or changed. Asks as for a new project, or as for the next document of `project`. */
export function validationQuery(text: string, project?: string) {
  return queryOptions({
    queryKey: ['static', 'validate', project ?? '', text] as const,
    queryFn: ({ signal }) => take(api.POST('/projects/validate', { params: { query: project === undefined ? {} : { project } }, ...yamlBody(text), signal })),
    gcTime: 10_000,
    staleTime: 30_000,
  })
}
