import { queryOptions } from '@tanstack/react-query'
import { api, take, type Schemas } from './client'

export type Component = Schemas['Component']

/** A project's components: Jupyter, TensorBoard and its own. Both changes of projects and of jobs concern them. */
export function componentsQuery(project: string) {
  return queryOptions({
    queryKey: ['projects', 'components', project] as const,
    queryFn: async ({ signal }) => (await take(api.GET('/projects/{project}/components', { params: { path: { project } }, signal }))).items,
  })
}
