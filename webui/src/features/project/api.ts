import { queryOptions, type QueryClient } from '@tanstack/react-query'
import { api, idempotencyKey, take, type Schemas } from '@/api/client'
import { changeDocument, findProject, projectQuery, type ProjectFull } from '@/api/projects'

/** What lists say of a project: its group and how much it has run; and whether it is one's own. */
export function factsQuery(project: ProjectFull, isOperator: boolean) {
  return queryOptions({
    queryKey: ['projects', 'facts', project.id] as const,
    queryFn: async ({ signal }) => {
      const own = await findProject('owned', project, signal)
      const facts = own ?? (await findProject(isOperator ? 'everyone' : 'all', project, signal))
      return facts ? { ...facts, own: own !== undefined } : null
    },
  })
}

/** Keeps what a change answered, under the name that the project has now. */
export function keepProject(client: QueryClient, project: ProjectFull) {
  client.setQueryData(projectQuery(project.name).queryKey, project)
}

function at(project: { id: string }) {
  return { path: { project: project.id } }
}

export function saveSummary(project: ProjectFull, summary: string): Promise<Schemas['ProjectSaved']> {
  return changeDocument(project, { summary })
}

export function renameProject(project: ProjectFull, name: string): Promise<Schemas['ProjectSaved']> {
  return changeDocument(project, { name })
}

export function cloneProject(project: ProjectFull, name: string): Promise<Schemas['ProjectSaved']> {
  return take(api.POST('/projects/{project}/clone', { params: { ...at(project), header: { 'Idempotency-Key': idempotencyKey() } }, body: { name } }))
}

export function transferProject(project: ProjectFull, to: string): Promise<Schemas['ProjectSaved']> {
  return take(api.POST('/projects/{project}/transfer', { params: at(project), body: { to } }))
}

export function deletionQuery(project: ProjectFull) {
  return queryOptions({
    queryKey: ['project', project.name, 'deletion'] as const,
    queryFn: ({ signal }) => take(api.GET('/projects/{project}/deletion', { params: at(project), signal })),
    staleTime: 0,
  })
}

export function resetQuery(project: ProjectFull) {
  return queryOptions({
    queryKey: ['project', project.name, 'reset'] as const,
    queryFn: ({ signal }) => take(api.GET('/projects/{project}/reset', { params: at(project), signal })),
    staleTime: 0,
  })
}

/** Removes the jobs and counts builds from 1 again; document, sources and data stay. */
export function resetProject(project: ProjectFull): Promise<Schemas['ProjectReset']> {
  return take(api.POST('/projects/{project}/reset', { params: at(project) }))
}

/** Stops what runs of it, and lets nothing new run. */
export function disableProject(project: { id: string }): Promise<Schemas['ProjectSaved']> {
  return take(api.POST('/projects/{project}/disable', { params: at(project) }))
}

export function enableProject(project: { id: string }): Promise<Schemas['ProjectSaved']> {
  return take(api.POST('/projects/{project}/enable', { params: at(project) }))
}

export function deleteProject(project: ProjectFull): Promise<Schemas['ProjectDeleted']> {
  return take(api.DELETE('/projects/{project}', { params: at(project) }))
}

/** Where a browser fetches the file that makes the same project elsewhere. */
export function downloadAddress(project: ProjectFull): string {
  return `/api/v1/projects/${encodeURIComponent(project.id)}/document?format=yaml`
}

/** To whom a project can be given: people of one's own group, for operators everybody. */
export function peopleQuery(text: string) {
  return queryOptions({
    queryKey: ['cluster', 'people', text] as const,
    queryFn: async ({ signal }) => (await take(api.GET('/users', { params: { query: { limit: 50, ...(text ? { text } : {}) } }, signal }))).items,
  })
}
