import { repositoryName } from '@/lib/git-place'
import { fieldsOf, listOf, readProject, scalarText, volumesOf } from '@/lib/project-document'

export type Kind = 'git' | 'cluster_storage' | 'nfs' | 's3'

/** What a kind is called, in full and as a mark. */
export const kKinds: Readonly<Record<Kind, { name: string; mark: string; stays: string }>> = {
  cluster_storage: { name: 'Cluster storage', mark: 'CS', stays: 'The files on the storage stay.' },
  git: { name: 'Git repository', mark: 'GIT', stays: 'The repository stays as it is.' },
  nfs: { name: 'NFS', mark: 'NFS', stays: 'The files on the server stay.' },
  s3: { name: 'S3 bucket', mark: 'S3', stays: 'The objects in the bucket stay.' },
}

/** What the form of a source holds. */
export interface SourceForm {
  name: string
  kind: Kind
  repository: string
  revision: string
  storage: string
  server: string
  path: string
  bucket: string
  region: string
  account: string
  copies: boolean
  sub_path: string
  mount_path: string
  read_only: boolean
  library_dir: boolean
}

export function mountFault(path: string): string | null {
  if (path === '') return 'Say where replicas see it, such as /workspace/data.'
  return path.split('/').includes('..') ? 'A path goes nowhere above itself: leave out “..”.' : null
}

export function subPathFault(path: string): string | null {
  return path.split('/').includes('..') ? 'A path goes nowhere above itself: leave out “..”.' : null
}

/** Who sees the folder of a cluster storage, by its sub path. */
export function visibilityText(subPath: string): string {
  if (subPath.startsWith('/shared/')) return 'Everybody with access to the storage sees it.'
  if (subPath === '/') return "The project's whole folder; only this project sees it."
  if (subPath.startsWith('/')) return 'Every project of the group sees it.'
  return subPath === '' ? "A folder of the source's own; only this project sees it, and it is deleted with the project." : 'Only this project sees it, and it is deleted with the project.'
}

/** What replicas find at the mount path of a git source; a warning where the sub path cannot be right. */
export function gitPlaceText(repository: string, subPath: string): { text: string; warning: boolean } {
  const name = repositoryName(repository)
  if (name === '') return { text: 'It begins with the name of the repository.', warning: false }
  if (subPath === '') return { text: `The folder ${name} with the repository in it is at the mount path.`, warning: false }
  const [first, ...rest] = subPath.replace(/^\/+/, '').split('/')
  if (first !== name) return { text: `It usually begins with ${name}, the name of the repository.`, warning: true }
  return { text: rest.filter(Boolean).length === 0 ? 'The content of the repository is at the mount path.' : `The content of its folder ${rest.filter(Boolean).join('/')} is at the mount path.`, warning: false }
}

/** What is at the mount path, by the sub path of the kind. */
export function placeText(form: SourceForm): string {
  if (form.kind === 'git') {
    const place = gitPlaceText(form.repository, form.sub_path)
    return `${place.warning ? '▲ ' : ''}${place.text}`
  }
  if (form.kind === 'nfs') return 'A folder below the path, made when it is not there.'
  if (form.kind === 's3') return 'The beginning of the names of its objects.'
  return visibilityText(form.sub_path)
}

/** What a form lacks for its kind, or nothing. */
export function isIncomplete(form: SourceForm): boolean {
  if (form.kind === 'git') return form.repository.trim() === ''
  if (form.kind === 'nfs') return form.server.trim() === '' || !form.path.trim().startsWith('/')
  return form.kind === 's3' ? form.bucket.trim() === '' : form.storage === ''
}

function given(fields: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, value.trim()]).filter(([, value]) => value !== ''))
}

function originOf(form: SourceForm): Record<string, unknown> {
  if (form.kind === 'nfs') return { nfs: given({ server: form.server, path: form.path }) }
  if (form.kind === 's3') return { s3: { ...given({ bucket: form.bucket, server: form.server, region: form.region, account: form.account }), ...(form.copies ? { mode: 'copy' } : {}) } }
  if (form.kind === 'cluster_storage') return { cluster_storage: form.storage }
  const git = given({ repository: form.repository, revision: form.revision, account: form.account })
  return { git: Object.keys(git).length === 1 ? form.repository.trim() : git }
}

/** The source as the document has it; fields that the form does not show stay. */
export function sourceOf(form: SourceForm, before: unknown): Record<string, unknown> {
  const kept = fieldsOf(before)
  return {
    name: form.name,
    ...(form.mount_path === '' ? {} : { mount_path: form.mount_path }),
    ...originOf(form),
    ...(form.sub_path === '' ? {} : { sub_path: form.sub_path }),
    ...(form.read_only ? { read_only: true } : {}),
    ...(form.library_dir ? { library_dir: true } : {}),
    ...(form.kind === 'cluster_storage' && scalarText(kept.upload) !== '' ? { upload: kept.upload } : {}),
  }
}

export interface DocumentPart {
  sources: unknown[]
  tasks: unknown[]
}

function mapResources(document: unknown, change: (resource: Record<string, unknown>) => Record<string, unknown>, changeTask: (task: Record<string, unknown>) => Record<string, unknown>): unknown[] {
  return listOf(fieldsOf(document).tasks).map((task) => changeTask({ ...fieldsOf(task), resources: listOf(fieldsOf(task).resources).map((resource) => change({ ...fieldsOf(resource) })) }))
}

/** A source replaced by another, whose name its mounts and revisions follow. */
export function replaceSource(document: unknown, name: string, source: Record<string, unknown>): DocumentPart {
  const to = scalarText(source.name)
  const sources = listOf(fieldsOf(document).sources).map((each) => (scalarText(fieldsOf(each).name) === name ? source : each))
  const tasks = mapResources(
    document,
    (resource) => (Array.isArray(resource.volumes) ? { ...resource, volumes: resource.volumes.map((volume: unknown) => (scalarText(fieldsOf(volume).source) === name ? { ...fieldsOf(volume), source: to } : volume)) } : resource),
    (task) => {
      const revisions = fieldsOf(task.revisions)
      if (!Object.hasOwn(revisions, name)) return task
      return { ...task, revisions: Object.fromEntries(Object.entries(revisions).map(([key, value]) => [key === name ? to : key, value])) }
    },
  )
  return { sources, tasks }
}

function without(fields: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name))
}

/** The document without a source and without its mounts. Who listed only that one mounts nothing then, not everything. */
export function removeSource(document: unknown, name: string): DocumentPart {
  const sources = listOf(fieldsOf(document).sources).filter((each) => scalarText(fieldsOf(each).name) !== name)
  const tasks = mapResources(
    document,
    (resource) => {
      if (!Array.isArray(resource.volumes)) return resource
      const volumes = resource.volumes.filter((volume: unknown) => scalarText(fieldsOf(volume).source) !== name)
      if (volumes.length === resource.volumes.length) return resource
      const rest = without(resource, 'volumes')
      return volumes.length > 0 ? { ...rest, volumes } : { ...rest, default_volume_mapping: resource.default_volume_mapping === true }
    },
    (task) => {
      if (!Object.hasOwn(fieldsOf(task.revisions), name)) return task
      const revisions = without(fieldsOf(task.revisions), name)
      const rest = without(task, 'revisions')
      return Object.keys(revisions).length > 0 ? { ...rest, revisions } : rest
    },
  )
  return { sources, tasks }
}

/** Whether anything names the source, so that it cannot go alone. */
export function isNamed(document: unknown, name: string): boolean {
  const project = readProject(document)
  return project.tasks.some((task) => Object.hasOwn(fieldsOf(task.fields.revisions), name) || task.resources.some((resource) => volumesOf(resource).some((volume) => volume.source === name)))
}
