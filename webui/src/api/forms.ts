import { queryOptions } from '@tanstack/react-query'
import { parseExact } from '@/lib/document-text'
import { api, take, type Schemas } from './client'

export type Form = Schemas['Form']

/** A project's simple form and its execution template. */
export function formQuery(project: string) {
  return queryOptions({
    queryKey: ['project', project, 'form'] as const,
    queryFn: ({ signal }) => take(api.GET('/projects/{project}/form', { params: { path: { project } }, signal })),
  })
}

/** Whether a project has a form to be filled in. */
export function hasForm(project: Pick<Schemas['ProjectFull'], 'document'>): boolean {
  const { form } = project.document as { form?: unknown }
  return Array.isArray(form) && form.length > 0
}

export interface EarlierJob {
  id: string
  name: string
  /** By the names of fields; whole numbers are bigints. */
  values: Readonly<Record<string, unknown>>
}

/** The values that a job was built with. */
export function earlierJobQuery(job: string) {
  return queryOptions({
    queryKey: ['static', 'form-values', job] as const,
    queryFn: async ({ signal }): Promise<EarlierJob> => {
      const text = await take(api.GET('/jobs/{job}', { params: { path: { job } }, signal, parseAs: 'text' }))
      const { id, task, build, form_values: values } = parseExact(text) as { id: string; task: string; build: bigint; form_values: EarlierJob['values'] | null }
      return { id, name: `${task}:${build}`, values: values ?? {} }
    },
    staleTime: Infinity,
  })
}
