import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useDebouncedCallback } from '@mantine/hooks'
import { useChanges } from '@/api/changes'
import { api, take } from '@/api/client'
import { changeDocument, type ProjectFull } from '@/api/projects'
import type { Document } from './checkout'
import { withAttempts, type AttemptPage, type AttemptPages } from './history-pages'

const kPage = 200
const kSettleMs = 500

export interface HistoryFilter {
  project?: string | undefined
  job?: string | undefined
  task?: string | undefined
}

function readPage(filter: HistoryFilter, cursor: string | null, signal?: AbortSignal): Promise<AttemptPage> {
  return take(api.GET('/history', { params: { query: { ...filter, limit: kPage, cursor: cursor ?? undefined } }, signal: signal ?? null }))
}

/** Every attempt of every replica in pages; only the head is read again when something changes. */
export function useHistory(filter: HistoryFilter) {
  const client = useQueryClient()
  const key = ['jobs', 'history', filter] as const
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => readPage(filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    meta: { live: 'own' },
  })
  const readHead = useDebouncedCallback(() => {
    readPage(filter, null).then(
      (head) => client.setQueryData<AttemptPages>(key, (pages) => pages && (withAttempts(pages, head) ?? { pages: [head], pageParams: [null] })),
      () => {},
    )
  }, kSettleMs)
  useChanges((event) => {
    if (event.kind === 'reset' || (event.kind === 'change' && event.change.kind === 'job' && (!filter.job || filter.job === event.change.id))) readHead()
  })
  return query
}

/** Gives a project another document, if it is still the one that was shown. */
export function saveDocument(project: ProjectFull, document: Document) {
  const gone = Object.keys(project.document).filter((field) => !(field in document))
  return changeDocument(project, { ...document, ...Object.fromEntries(gone.map((field) => [field, null])) })
}
