import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, reading, take, type Schemas } from '@/api/client'
import { ApiError } from '@/api/error'
import { changeDocument, type ProjectFull } from '@/api/projects'
import { sendBytes } from '@/api/upload'
import { asText } from './uploads'

export type FileEntry = Schemas['FileEntry']

/** Changes sources, and what names them in tasks, in one step. */
export function saveParts(project: ProjectFull, parts: { sources: unknown[]; tasks?: unknown[] }): Promise<Schemas['ProjectSaved']> {
  return changeDocument(project, parts)
}

/** Tries now whether the source can be mounted. */
export function checkSource(project: ProjectFull, source: string): Promise<Schemas['SourceCheck']> {
  return take(api.POST('/projects/{project}/sources/{source}/check', { params: { path: { project: project.id, source } } }))
}

/** How much lies in the sources that are on storages, and the quotas that hold. */
export function usesQuery(project: ProjectFull) {
  return queryOptions({
    queryKey: ['project', project.id, 'storage'] as const,
    queryFn: async ({ signal }) => (await take(api.GET('/projects/{project}/storage', { params: { path: { project: project.id } }, signal }))).items,
    refetchInterval: 15_000,
  })
}

const kPage = 500

/** Whether the server said that it goes on with what the request waited for, such as fetching a repository. */
function goesOn(error: Error): boolean {
  return error instanceof ApiError && error.status === 504
}

// Half a minute each, which is as long as fetching a repository may take.
const kTries = 20

/** Of a git source: asks again while the server fetches what is to be shown. */
function untilFetched(isGit: boolean) {
  return isGit ? { retry: (count: number, error: Error) => goesOn(error) && count < kTries, retryDelay: 1000 } : {}
}

/** `place` says where the source has its files: another place has others. */
export function filesQuery(project: ProjectFull, source: string, path: string, place: string, isGit = false) {
  return infiniteQueryOptions({
    queryKey: ['static', 'files', project.id, source, path, place] as const,
    ...untilFetched(isGit),
    queryFn: async ({ pageParam, signal }) => {
      const page = await take(
        api.GET('/projects/{project}/sources/{source}/files', { params: { path: { project: project.id, source }, query: { limit: kPage, ...(path ? { path } : {}), ...(pageParam ? { cursor: pageParam } : {}) } }, signal }),
      )
      // A file answers with its content.
      return typeof page === 'object' && 'items' in page ? page : { items: [], next_cursor: null, commit: null }
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  })
}

export function filesKey(project: ProjectFull, source: string) {
  return ['static', 'files', project.id, source] as const
}

/** Where a file is read and put; a browser may fetch it as it is. */
export function fileAddress(project: ProjectFull, source: string, path: string, download = false): string {
  const query = new URLSearchParams({ path, ...(download ? { download: 'true' } : {}) })
  return `/api/v1/projects/${encodeURIComponent(project.id)}/sources/${encodeURIComponent(source)}/files?${query}`
}

export const kPreviewBytes = 250_000

export interface Preview {
  /** Nothing for what is no text. */
  text: string | null
  cut: boolean
}

async function beginningOf(url: string, most: number, signal?: AbortSignal): Promise<{ bytes: Uint8Array; cut: boolean }> {
  const response = await reading(fetch(url, signal ? { signal } : {}))
  if (!response.ok) await take(Promise.resolve({ error: await response.json().catch(() => null), response }))
  const reader = response.body?.getReader()
  const parts: Uint8Array[] = []
  let size = 0
  while (reader) {
    const { done, value } = await reading(reader.read())
    if (done) break
    parts.push(value)
    size += value.length
    if (size > most) {
      await reader.cancel()
      break
    }
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return { bytes: bytes.subarray(0, most), cut: size > most }
}

/** The beginning of a file, if it is a text. */
export function previewQuery(project: ProjectFull, source: string, path: string, isGit = false) {
  return queryOptions({
    queryKey: ['static', 'preview', project.id, source, path] as const,
    ...untilFetched(isGit),
    queryFn: async ({ signal }): Promise<Preview> => {
      const { bytes, cut } = await beginningOf(fileAddress(project, source, path), kPreviewBytes, signal)
      return { text: asText(bytes), cut }
    },
    staleTime: 0,
    gcTime: 30_000,
  })
}

/** All of a small file; nothing of a larger one. */
export async function wholeFile(project: ProjectFull, source: string, path: string, most: number): Promise<Blob | null> {
  const { bytes, cut } = await beginningOf(fileAddress(project, source, path), most)
  return cut ? null : new Blob([bytes as unknown as BlobPart])
}

export function deleteFile(project: ProjectFull, source: string, path: string) {
  return take(api.DELETE('/projects/{project}/sources/{source}/files', { params: { path: { project: project.id, source }, query: { path } } }))
}

export type UploadState = Schemas['Upload']

const kUploads = '/projects/{project}/sources/{source}/uploads'

/** Begins to send a file in pieces, or goes on with one: the same person, path, size and fingerprint. */
export function beginUpload(project: ProjectFull, source: string, path: string, size: number, fingerprint: string): Promise<UploadState> {
  return take(api.POST(kUploads, { params: { path: { project: project.id, source }, query: { path } }, body: { size_bytes: size, fingerprint } }))
}

/** One's own uploads into the source that are on their way. */
export function uploadsQuery(project: ProjectFull, source: string) {
  return queryOptions({
    queryKey: ['static', 'uploads', project.id, source] as const,
    queryFn: async ({ signal }) => (await take(api.GET(kUploads, { params: { path: { project: project.id, source } }, signal }))).items,
  })
}

export function showUpload(project: ProjectFull, source: string, id: string): Promise<UploadState> {
  return take(api.GET(`${kUploads}/{upload}`, { params: { path: { project: project.id, source, upload: id } } }))
}

export function cancelUpload(project: ProjectFull, source: string, id: string) {
  return take(api.DELETE(`${kUploads}/{upload}`, { params: { path: { project: project.id, source, upload: id } } }))
}

/** Sends the next piece of a file, and says how much of it has gone. */
export async function sendPiece(project: ProjectFull, source: string, id: string, offset: number, piece: Blob, onSent: (bytes: number) => void, signal: AbortSignal): Promise<UploadState> {
  const address = `/api/v1/projects/${encodeURIComponent(project.id)}/sources/${encodeURIComponent(source)}/uploads/${encodeURIComponent(id)}?offset=${offset}`
  return (await sendBytes('PATCH', address, piece, onSent, signal)) as UploadState
}

/** Sends a small file into a source, and says how far it is. */
export async function putFile(project: ProjectFull, source: string, path: string, file: Blob, onSent: (bytes: number) => void, signal?: AbortSignal): Promise<void> {
  await sendBytes('PUT', fileAddress(project, source, path), file, onSent, signal)
}
