import { keepPreviousData, queryOptions, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef } from 'react'
import { useChanges } from '@/api/changes'
import { api, take, type Schemas } from '@/api/client'
import { yamlBody } from '@/api/projects'
import { pagesInSight, withPages, type ProjectPage, type ProjectPages } from './project-pages'

export type Show = 'owned' | 'shared' | 'all' | 'everyone'
export type Order = 'changed'

export interface ProjectsFilter {
  show: Show
  text: string
  /** By name without it. */
  order: Order | undefined
}

const kPage = 100
const kSettleMs = 300
const kLaterMs = 2000

function readPage({ show, text, order }: ProjectsFilter, cursor: string, signal?: AbortSignal): Promise<ProjectPage> {
  const query = { show, limit: kPage, ...(text ? { text } : {}), ...(order ? { order } : {}), ...(cursor ? { cursor } : {}) }
  return take(api.GET('/projects', { params: { query }, signal: signal ?? null }))
}

/**
 * Projects in pages. After changes the pages in sight are read again, and others when they come into sight: of ten
 * thousand projects that somebody scrolled through, a job that ends must not cost a hundred requests.
 */
export function useProjects(filter: ProjectsFilter) {
  const client = useQueryClient()
  const key = ['projects', 'list', filter.show, filter.text, filter.order ?? 'name'] as const
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => readPage(filter, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (page: ProjectPage) => page.next_cursor,
    placeholderData: keepPreviousData,
    meta: { live: 'own' },
  })
  const latest = useRef({ filter, key })
  const sight = useRef<[number, number]>([0, 0])
  /** The pages that were read since the last change; null: nothing has changed since they came. */
  const fresh = useRef<Set<number> | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  const keyText = JSON.stringify(key)
  useEffect(() => {
    latest.current = { filter, key }
  })
  useEffect(() => {
    fresh.current = null
  }, [keyText])

  const refresh = useCallback(async () => {
    const { filter: asked, key: now } = latest.current
    const range = (pages: ProjectPages | undefined) => pages && pagesInSight(pages, ...sight.current)
    const found = range(client.getQueryData<ProjectPages>(now))
    if (!found || !fresh.current) return
    const [from, to] = found
    const read = fresh.current
    const first = client.getQueryData<ProjectPages>(now)?.pageParams[from] ?? ''
    const pages: ProjectPage[] = []
    let cursor: string | null = first
    for (let index = from; index <= to && cursor !== null; index++) {
      const page: ProjectPage = await readPage(asked, cursor)
      pages.push(page)
      cursor = page.next_cursor
    }
    const before = client.getQueryData<ProjectPages>(now)
    if (before?.pageParams[from] !== first) return
    for (let index = from; index < from + pages.length; index++) read.add(index)
    client.setQueryData<ProjectPages>(now, withPages(before, from, pages))
  }, [client])

  const schedule = useCallback(
    (afterMs: number) => {
      timer.current ??= setTimeout(() => {
        // What could not be read stays as it is until the next change.
        void refresh()
          .catch(() => {})
          .then(() => (timer.current = null))
      }, afterMs)
    },
    [refresh],
  )
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current)
      timer.current = null
    },
    [],
  )

  const last = useRef(0)
  useChanges((event) => {
    if (event.kind === 'status' || (event.kind === 'change' && event.change.kind !== 'job' && event.change.kind !== 'project')) return
    fresh.current = new Set()
    // The first change is shown soon, and a storm of them every now and then.
    const wait = Math.max(kSettleMs, kLaterMs - (Date.now() - last.current))
    last.current = Date.now() + wait
    schedule(wait)
  })

  const onSight = useCallback(
    (from: number, to: number) => {
      sight.current = [from, to]
      if (!fresh.current) return
      const pages = client.getQueryData<ProjectPages>(latest.current.key)
      const found = pages && pagesInSight(pages, from, to)
      if (!found) return
      for (let index = found[0]; index <= found[1]; index++) {
        if (!fresh.current.has(index)) return schedule(kSettleMs)
      }
    },
    [client, schedule],
  )
  return { ...query, onSight }
}

/** Whether there is any project at all that this person may see. */
export const anyProjectQuery = queryOptions({
  queryKey: ['projects', 'any'] as const,
  queryFn: async () => (await take(api.GET('/projects', { params: { query: { limit: 1 } } }))).items.length > 0,
})

export type ProjectSaved = Schemas['ProjectSaved']

/** Makes a project from the text of its file. The key makes trying again safe. */
export function createProject(text: string, key: string): Promise<ProjectSaved> {
  return take(api.POST('/projects', { params: { header: { 'Idempotency-Key': key } }, ...yamlBody(text) }))
}

/** Makes a project from its document in a git repository. */
export function importProject(from: { repository: string; revision: string; account: string; path: string; name: string }, key: string): Promise<ProjectSaved> {
  const given = Object.fromEntries(Object.entries(from).filter(([, value]) => value !== ''))
  return take(api.POST('/projects/import', { params: { header: { 'Idempotency-Key': key } }, body: { repository: from.repository, ...given } }))
}
