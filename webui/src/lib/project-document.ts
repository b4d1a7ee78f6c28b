/**
 * A project's document as people write it: any field may be missing or of the wrong type until the server has seen it,
 * so everything is read tolerantly. docs/project-file.md is its reference.
 */
export type Fields = Readonly<Record<string, unknown>>

const kProjectFields = ['name', 'summary', 'summary_file', 'default_mount_path', 'engine', 'sources', 'tasks', 'components', 'form'] as const
const kSourceFields = ['name', 'mount_path', 'git', 'cluster_storage', 'nfs', 's3', 'sub_path', 'read_only', 'library_dir', 'upload'] as const
const kTaskFields = ['name', 'kind', 'timeout', 'run_time', 'gpu_model', 'revisions', 'resources'] as const
const kResourceFields = [
  'name',
  'replicas',
  'command',
  'args',
  'work_dir',
  'requirements',
  'requests',
  'limits',
  'gpus',
  'env',
  'image',
  'images',
  'default_volume_mapping',
  'default_mount_path',
  'volumes',
  'node_allocator',
  'restart_policy',
  'max_restart_count',
  'is_permanent',
  'port',
] as const
const kVolumeFields = ['source', 'sub_path', 'mount_path', 'read_only'] as const

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value as a mapping; an empty one for anything else. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {}
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** What a scalar says, as it is typed into a field; empty for anything else. */
export function scalarText(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint' ? String(value) : ''
}

/** Case, "_" and "-" in the names of fields do not count. */
export function sameField(one: string, other: string): boolean {
  return plain(one) === plain(other)
}

function plain(name: string): string {
  return name.replace(/[_-]/g, '').toLowerCase()
}

function named(value: unknown, names: readonly string[]): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const [key, each] of Object.entries(fieldsOf(value))) out[names.find((name) => sameField(name, key)) ?? key] = each
  return out
}

export interface VolumeModel {
  source: string
  sub_path: string
  mount_path: string
  read_only: boolean
}

export interface ResourceModel {
  name: string
  fields: Fields
}

export interface TaskModel {
  name: string
  fields: Fields
  resources: ResourceModel[]
}

export type SourceOrigin =
  | { kind: 'git'; repository: string; revision: string; account: string }
  | { kind: 'cluster_storage'; storage: string }
  | { kind: 'nfs'; server: string; path: string }
  | { kind: 's3'; bucket: string; server: string; region: string; account: string; copies: boolean }
  | { kind: 'other' }

export interface SourceModel {
  name: string
  mount_path: string
  sub_path: string
  read_only: boolean
  library_dir: boolean
  upload: string
  origin: SourceOrigin
}

export interface ProjectModel {
  name: string
  fields: Fields
  tasks: TaskModel[]
  sources: SourceModel[]
}

function readOrigin(fields: Fields): SourceOrigin {
  const isGiven = (field: string) => fields[field] !== undefined && fields[field] !== null
  if (isGiven('git')) {
    const git = isFields(fields.git) ? named(fields.git, ['repository', 'revision', 'account']) : { repository: fields.git }
    return { kind: 'git', repository: scalarText(git.repository), revision: scalarText(git.revision), account: scalarText(git.account) }
  }
  if (isGiven('nfs')) {
    const nfs = named(fields.nfs, ['server', 'path'])
    const text = scalarText(fields.nfs)
    const cut = text.indexOf(':/')
    if (text !== '') return { kind: 'nfs', server: cut < 0 ? text : text.slice(0, cut), path: cut < 0 ? '/' : text.slice(cut + 1) }
    return { kind: 'nfs', server: scalarText(nfs.server), path: scalarText(nfs.path) || '/' }
  }
  if (isGiven('s3')) {
    const s3 = isFields(fields.s3) ? named(fields.s3, ['bucket', 'server', 'region', 'account', 'mode']) : { bucket: fields.s3 }
    return { kind: 's3', bucket: scalarText(s3.bucket), server: scalarText(s3.server), region: scalarText(s3.region), account: scalarText(s3.account), copies: s3.mode === 'copy' }
  }
  return fields.cluster_storage === undefined ? { kind: 'other' } : { kind: 'cluster_storage', storage: scalarText(fields.cluster_storage) }
}

function readSource(value: unknown): SourceModel {
  const fields = named(value, kSourceFields)
  return {
    name: scalarText(fields.name),
    mount_path: scalarText(fields.mount_path),
    sub_path: scalarText(fields.sub_path),
    read_only: fields.read_only === true,
    library_dir: fields.library_dir === true,
    upload: scalarText(fields.upload),
    origin: readOrigin(fields),
  }
}

function readTask(value: unknown): TaskModel {
  const fields = named(value, kTaskFields)
  const resources = listOf(fields.resources).map((each): ResourceModel => {
    const own = named(each, kResourceFields)
    return { name: scalarText(own.name), fields: own }
  })
  return { name: scalarText(fields.name), fields, resources }
}

/** A parsed document as its tasks and sources. */
export function readProject(value: unknown): ProjectModel {
  const fields = named(value, kProjectFields)
  return { name: scalarText(fields.name), fields, tasks: listOf(fields.tasks).map(readTask), sources: listOf(fields.sources).map(readSource) }
}

/** The mounts that a resource lists. */
export function volumesOf(resource: ResourceModel): VolumeModel[] {
  return listOf(resource.fields.volumes).map((each) => {
    const fields = named(each, kVolumeFields)
    return { source: scalarText(fields.source), sub_path: scalarText(fields.sub_path), mount_path: scalarText(fields.mount_path), read_only: fields.read_only === true }
  })
}

/** Whether all sources are mounted as they are defined; listing volumes means that they are not, unless it is said. */
export function mountsEverything(resource: ResourceModel): boolean {
  const said = resource.fields.default_volume_mapping
  return typeof said === 'boolean' ? said : listOf(resource.fields.volumes).length === 0
}

/** A resource that mounts a source, and whether it names it or has it because it mounts everything. */
export interface SourceUse {
  task: string
  resource: string
  named: boolean
}

export function usesOf(project: ProjectModel, source: string): SourceUse[] {
  return project.tasks.flatMap((task) =>
    task.resources.flatMap((resource): SourceUse[] => {
      if (mountsEverything(resource)) return [{ task: task.name, resource: resource.name, named: false }]
      return volumesOf(resource).some((volume) => volume.source === source) ? [{ task: task.name, resource: resource.name, named: true }] : []
    }),
  )
}

export const kNamePattern = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/

/** What is wrong with a name, or nothing. */
export function nameFault(name: string, taken: readonly string[], what: string): string | null {
  if (name === '') return `A ${what} needs a name.`
  if (!kNamePattern.test(name)) return 'Use 1 to 63 lower-case letters, digits and dashes, with a letter or digit at both ends.'
  return taken.includes(name) ? `There is already a ${what} named ${name}.` : null
}

/** `name`, or `name-2`, `name-3`, … that is not taken and is not too long. */
export function freshName(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name
  const stem = name.replace(/-\d+$/, '')
  for (let count = 2; ; ++count) {
    const tail = `-${count}`
    const found = `${stem.slice(0, 63 - tail.length).replace(/-+$/, '')}${tail}`
    if (!taken.includes(found)) return found
  }
}
