import { queryOptions } from '@tanstack/react-query'
import { api, take, type Schemas } from '@/api/client'

export type Status = Schemas['ProjectStatus']
export type StatusRow = Schemas['StatusRow']

/** What runs of a project, as it really is. */
export function statusQuery(project: string) {
  return queryOptions({
    queryKey: ['projects', 'status', project] as const,
    queryFn: ({ signal }) => take(api.GET('/projects/{project}/status', { params: { path: { project } }, signal })),
  })
}
