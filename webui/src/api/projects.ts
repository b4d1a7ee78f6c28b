import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, take, type Schemas } from './client'
import { useMe } from './session'

export type Project = Schemas['Project']
export type ProjectFull = Schemas['ProjectFull']

/** A project with its document, by name or id. */
export function projectQuery(project: string) {
  return queryOptions({
    queryKey: ['project', project, 'full'] as const,
    queryFn: ({ signal }) => take(api.GET('/projects/{project}', { params: { path: { project } }, signal })),
  })
}

const kMany = 1000

/** What lists say of a project, if it is in this one. */
export async function findProject(show: 'owned' | 'all' | 'everyone', project: Pick<ProjectFull, 'id' | 'name'>, signal: AbortSignal): Promise<Project | undefined> {
  let cursor: string | undefined
  do {
    const page = await take(api.GET('/projects', { params: { query: { show, text: project.name, limit: kMany, cursor } }, signal }))
    const found = page.items.find((each) => each.id === project.id)
    if (found) return found
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
  return undefined
}

/** Whether a project is one's own. */
export function ownQuery(project: Pick<ProjectFull, 'id' | 'name'>) {
  return queryOptions({
    queryKey: ['projects', 'own', project.id] as const,
    queryFn: async ({ signal }) => (await findProject('owned', project, signal)) !== undefined,
    staleTime: 60_000,
  })
}

/** Whether one may change a project: its owner and operators may. Not known at first. */
export function useMayEdit(project: Pick<ProjectFull, 'id' | 'name'>): boolean | undefined {
  const me = useMe()
  const own = useQuery({ ...ownQuery(project), enabled: !me.isOperator })
  return me.isOperator || own.data
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

/** A project as far as it takes to change its document. */
type Editable = Pick<ProjectFull, 'id' | 'document' | 'text' | 'revision'>

/**
 * Changes fields of a project's document, if it still is at the revision that was read. Where it was saved as a text,
 * the change is made in that text: nobody's comments are lost because something else was edited.
 */
export async function changeDocument(project: Editable, change: object): Promise<Schemas['ProjectSaved']> {
  const params = { path: { project: project.id }, header: { 'If-Match': ifMatch(project.revision) } }
  if (project.text === null) return take(api.PATCH('/projects/{project}', { params, body: change as Schemas['ProjectPatch'] }))
  const { adaptText } = await import('@/lib/document-text')
  const merged = Object.fromEntries(Object.entries({ ...project.document, ...change }).filter(([, value]) => value !== null))
  return take(api.PUT('/projects/{project}', { params, ...yamlBody(adaptText(project.text, project.document, merged)) }))
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
