import { queryOptions } from '@tanstack/react-query'
import { api, idempotencyKey, take, type Schemas } from '@/api/client'
import { ifMatch, yamlBody, type ProjectFull } from '@/api/projects'
import type { Schema } from './completion'
import type { RunRequest } from './run-options'

/** Replaces a project's document if it still is at the revision that the text was made from. */
export function saveDocument(project: ProjectFull, revision: number, text: string): Promise<Schemas['ProjectSaved']> {
  return take(api.PUT('/projects/{project}', { params: { path: { project: project.id }, header: { 'If-Match': ifMatch(revision) } }, ...yamlBody(text) }))
}

/** What would become of a job of a task as it is being edited. Live changes of the cluster change it too. */
export function forecastQuery(project: ProjectFull, task: string, document: unknown, request: RunRequest) {
  return queryOptions({
    queryKey: ['cluster', 'forecast', project.id, task, document, request] as const,
    queryFn: ({ signal }) =>
      take(api.POST('/projects/{project}/tasks/{task}/dry-run', { params: { path: { project: project.id, task } }, body: { ...request, document: document as Record<string, never> }, signal })),
    gcTime: 10_000,
    retry: false,
  })
}

export function runTask(project: { id: string }, task: string, request: RunRequest): Promise<Schemas['Job']> {
  return take(
    api.POST('/projects/{project}/tasks/{task}/jobs', { params: { path: { project: project.id, task }, header: { 'Idempotency-Key': idempotencyKey() } }, body: request }),
  )
}

/** The models of GPUs in the pool of one's group. */
export const gpuModelsQuery = queryOptions({
  queryKey: ['cluster', 'capability', 'models'] as const,
  queryFn: async ({ signal }) => (await take(api.GET('/capability', { signal }))).models.map((each) => each.model),
})

/** Who changed the project last; operators alone may know. */
export function lastEditQuery(project: ProjectFull) {
  return queryOptions({
    queryKey: ['project', project.name, 'last-edit', project.revision] as const,
    queryFn: async ({ signal }) => (await take(api.GET('/audit', { params: { query: { subject: project.name, action: 'project.', limit: 1 } }, signal }))).items[0] ?? null,
  })
}

/** The schema of project files, loaded when the first editor is shown. */
export const schemaQuery = queryOptions({
  queryKey: ['static', 'schema'] as const,
  queryFn: async () => (await import('../../../../docs/pintle.schema.json')).default as Schema,
  staleTime: Infinity,
})
