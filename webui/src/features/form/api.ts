import { queryOptions } from '@tanstack/react-query'
import { api, idempotencyKey, take, type Schemas } from '@/api/client'
import { ifMatch, yamlBody, type ProjectFull } from '@/api/projects'
import { sendBytes } from '@/api/upload'
import { withForm, type FormTexts } from './form-text'
import type { FormRequest } from './values'

export type Rendered = Schemas['RenderedForm']

/** The task that the values make and what would become of it; of a form that is being edited with its texts. */
export function renderQuery(project: { id: string }, request: FormRequest, texts?: FormTexts) {
  const body = { ...request, ...texts }
  return queryOptions({
    queryKey: ['cluster', 'form', project.id, body] as const,
    queryFn: ({ signal }) => take(api.POST('/projects/{project}/form/render', { params: { path: { project: project.id } }, body: body as Schemas['FormRendering'], signal })),
    gcTime: 10_000,
    retry: false,
  })
}

export function buildForm(project: { id: string }, request: FormRequest): Promise<Schemas['Job']> {
  return take(api.POST('/projects/{project}/form/jobs', { params: { path: { project: project.id }, header: { 'Idempotency-Key': idempotencyKey() } }, body: request }))
}

/** Keeps another form and template, if the project still is at the revision that was read. */
export function saveForm(project: ProjectFull, texts: FormTexts): Promise<Schemas['ProjectSaved']> {
  return take(api.PUT('/projects/{project}', { params: { path: { project: project.id }, header: { 'If-Match': ifMatch(project.revision) } }, ...yamlBody(withForm(project, texts)) }))
}

/** Sends a file for an upload field; its id is the field's value. */
export async function sendFormFile(project: { id: string }, file: File, onSent: (bytes: number) => void, signal: AbortSignal): Promise<Schemas['FormFile']> {
  const address = `/api/v1/projects/${encodeURIComponent(project.id)}/form/files?${new URLSearchParams({ name: file.name })}`
  return (await sendBytes('POST', address, file, onSent, signal)) as Schemas['FormFile']
}
