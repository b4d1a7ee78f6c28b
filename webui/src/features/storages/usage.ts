import type { Schemas } from '@/api/client'
import type { Fill } from '@/lib/storage-fill'

/** Whose quota can be set. */
export interface Owner {
  kind: 'project' | 'group'
  id: string
}

export type Kind = 'group' | 'project' | 'folder' | 'shared'

/** One line of what lies on a storage. */
export interface Row extends Fill {
  key: string
  kind: Kind
  name: string
  group: string | null
  files: number
  owner: Owner | null
}

function kindOf(folder: Schemas['StorageFolder']): Kind {
  if (folder.owner === 'project') return 'project'
  return folder.owner === 'everybody' ? 'shared' : 'folder'
}

function nameOf(folder: Schemas['StorageFolder']): string {
  if (folder.owner === 'project') return folder.name
  if (folder.owner === 'everybody') return folder.name === '' ? 'other files in /shared' : `/shared/${folder.name}`
  if (folder.owner === 'group') return folder.name === '' ? 'other files of the group' : `/${folder.name}`
  return folder.folder
}

/** Groups as sums, and folders by whose they are. */
export function rowsOf(storage: Pick<Schemas['StorageFull'], 'groups' | 'folders'>): Row[] {
  const groups = storage.groups.map(({ group, ...use }): Row => ({ ...use, key: `group ${group.id}`, kind: 'group', name: group.name, group: group.name, owner: { kind: 'group', id: group.id } }))
  const folders = storage.folders.map(
    (folder): Row => ({
      bytes: folder.bytes,
      files: folder.files,
      complete: folder.complete,
      measured_at: folder.measured_at,
      quota_bytes: folder.quota_bytes,
      quota_own: folder.quota_own,
      full: folder.full,
      key: folder.folder,
      kind: kindOf(folder),
      name: nameOf(folder),
      group: folder.group?.name ?? null,
      owner: folder.project ? { kind: 'project', id: folder.project.id } : null,
    }),
  )
  return [...groups, ...folders]
}

export const kKinds = ['groups', 'projects', 'folders'] as const
export type Shown = (typeof kKinds)[number]

/** Groups are sums of what is listed below them, so they are not mixed with it. */
export function isShown(row: Row, shown: Shown): boolean {
  if (shown === 'groups') return row.kind === 'group'
  if (shown === 'projects') return row.kind === 'project'
  return row.kind !== 'group'
}

export const kSorts = ['largest', 'smallest', 'files', 'name', 'oldest', 'fullest'] as const
export type Sort = (typeof kSorts)[number]

const fullness = (row: Row) => (row.quota_bytes === null ? -1 : row.quota_bytes === 0 ? Infinity : row.bytes / row.quota_bytes)

const kOrders: Record<Sort, (a: Row, b: Row) => number> = {
  largest: (a, b) => b.bytes - a.bytes,
  smallest: (a, b) => a.bytes - b.bytes,
  files: (a, b) => b.files - a.files,
  name: (a, b) => a.name.localeCompare(b.name),
  oldest: (a, b) => (a.measured_at ?? '').localeCompare(b.measured_at ?? ''),
  // Infinity less Infinity is no number.
  fullest: (a, b) => (fullness(a) === fullness(b) ? 0 : fullness(b) - fullness(a)),
}

export function shownRows(rows: readonly Row[], shown: Shown, sort: Sort, text: string): Row[] {
  const wanted = text.toLowerCase()
  const matching = rows.filter((row) => isShown(row, shown) && (row.name.toLowerCase().includes(wanted) || (row.group ?? '').toLowerCase().includes(wanted)))
  return matching.sort((a, b) => kOrders[sort](a, b) || a.name.localeCompare(b.name))
}

/** What is sent to have again the quota that a row has now. */
export function quotaWish(row: Pick<Row, 'quota_bytes' | 'quota_own'>): string {
  if (!row.quota_own) return 'default'
  return row.quota_bytes === null ? 'none' : String(row.quota_bytes)
}
