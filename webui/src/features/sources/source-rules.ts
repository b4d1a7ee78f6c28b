import { fieldsOf, listOf, readProject, scalarText, volumesOf } from '@/lib/project-document'

export type Kind = 'git' | 'cluster_storage'

/** What the form of a source holds. */
export interface SourceForm {
  name: string
  kind: Kind
  repository: string
  revision: string
  storage: string
  sub_path: string
  mount_path: string
  read_only: boolean
  library_dir: boolean
}

/** "https://host.example/team/repo.git" as "repo". */
export function repositoryName(url: string): string {
  const path = url.trim().replace(/[?#].*$/, '').replace(/\/+$/, '')
  return (path.split(/[/:]/).at(-1) ?? '').replace(/\.git$/, '')
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

/** The source as the document has it; fields that the form does not show stay. */
export function sourceOf(form: SourceForm, before: unknown): Record<string, unknown> {
  const kept = fieldsOf(before)
  const git = form.revision.trim() === '' ? form.repository.trim() : { repository: form.repository.trim(), revision: form.revision.trim() }
  return {
    name: form.name,
    ...(form.mount_path === '' ? {} : { mount_path: form.mount_path }),
    ...(form.kind === 'git' ? { git } : { cluster_storage: form.storage }),
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
