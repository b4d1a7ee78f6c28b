import { queryOptions } from '@tanstack/react-query'
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
  /** Names of the uploaded files by their ids, as far as the job's task says them. */
  files: Readonly<Record<string, string>>
}

const kUploadId = /^[0-9A-Z]{26}$/

/** The name of an upload in what a job runs, where its path ends in it. */
export function fileNameIn(text: string, id: string): string | null {
  const at = text.indexOf(`/${id}/`)
  if (at < 0) return null
  const from = at + id.length + 2
  const before = text.slice(0, at)
  // A path in quotes ends where they do, one without at the next blank.
  const quote = /(['"])[^'"\s]*$/.exec(before)?.[1]
  const end = quote ? text.indexOf(quote, from) : text.slice(from).search(/[\s;'"|&]|$/) + from
  return end > from ? text.slice(from, end) : null
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

async function filesOf(job: string, values: unknown, signal: AbortSignal): Promise<Record<string, string>> {
  const ids = textsIn(values).filter((text) => kUploadId.test(text))
  if (ids.length === 0) return {}
  const texts = textsIn(await take(api.GET('/jobs/{job}/spec', { params: { path: { job } }, signal })))
  return Object.fromEntries(ids.flatMap((id) => texts.flatMap((text) => fileNameIn(text, id) ?? []).slice(0, 1).map((name) => [id, name])))
}

/** The values that a job was built with. */
export function earlierJobQuery(job: string) {
  return queryOptions({
    queryKey: ['static', 'form-values', job] as const,
    queryFn: async ({ signal }): Promise<EarlierJob> => {
      const text = await take(api.GET('/jobs/{job}', { params: { path: { job } }, signal, parseAs: 'text' }))
      const { parseExact } = await import('@/lib/document-text')
      const { id, task, build, form_values: values } = parseExact(text) as { id: string; task: string; build: bigint; form_values: EarlierJob['values'] | null }
      return { id, name: `${task}:${build}`, values: values ?? {}, files: await filesOf(job, values, signal) }
    },
    staleTime: Infinity,
  })
}
