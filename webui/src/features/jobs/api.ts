import { queryOptions, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useChanges } from '@/api/changes'
import { api, take, type Schemas } from '@/api/client'
import { ApiError } from '@/api/error'
import type { JobShort } from '@/api/jobs'
import { isWaiting } from '@/api/states'
import { readingFor, withHead, withJobs, withoutJob, type JobPage, type JobPages } from './job-pages'
import type { JobsFilter } from './jobs-search'

const kFirstPage = 200
const kPage = 500
const kSettleMs = 300
const kLaterMs = 1500
const kForecastMs = 30_000
/** So many pages are read again after the connection was lost; of longer lists only the beginning. */
const kPagesAgain = 5

function readPage(filter: JobsFilter, limit: number, cursor: string | null, signal?: AbortSignal): Promise<JobPage> {
  return take(api.GET('/jobs', { params: { query: { ...filter, limit, cursor: cursor ?? undefined, count: cursor === null ? true : undefined } }, signal: signal ?? null }))
}

async function readJob(id: string): Promise<JobShort | null> {
  try {
    const job = await take(api.GET('/jobs/{job}', { params: { path: { job: id } } }))
    return { ...job, reason: job.reason ?? job.waiting_reason }
  } catch (error) {
    if (error instanceof ApiError && (error.isMissing || error.status === 403)) return null
    throw error
  }
}

/**
 * Jobs in pages. Changes are read one by one and put in their places, new jobs come with the head of the list; the
 * pages themselves are never read again while they are shown, however many there are.
 */
export function useJobs(filter: JobsFilter) {
  const client = useQueryClient()
  const key = ['jobs', 'list', filter] as const
  const keyText = JSON.stringify(key)
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => readPage(filter, pageParam === null ? kFirstPage : kPage, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    meta: { live: 'own' },
    staleTime: Infinity,
    structuralSharing: false,
  })
  // A page may have nothing of what is asked for, and there may be something on the next one.
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = query
  const isEmpty = query.data?.pages.every((page) => page.items.length === 0) ?? false
  useEffect(() => {
    if (isEmpty && hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage()
  }, [isEmpty, hasNextPage, isFetching, isFetchNextPageError, fetchNextPage])
  // Jobs came into a list whose order is another than the newest first: only reading it again says where.
  const [outdated, setOutdated] = useState(false)
  const changed = useRef(new Set<string>())
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  const shown = useRef(true)
  const latest = useRef({ filter, key })
  useEffect(() => {
    latest.current = { filter, key }
  })

  const change = useCallback(
    (work: (pages: JobPages) => JobPages) => client.setQueryData<JobPages>(latest.current.key, (pages) => pages && work(pages)),
    [client],
  )

  const readAgain = useCallback(async () => {
    setOutdated(false)
    const { key: now } = latest.current
    client.setQueryData<JobPages>(now, (pages) => (pages && pages.pages.length > kPagesAgain ? { pages: pages.pages.slice(0, 1), pageParams: pages.pageParams.slice(0, 1) } : pages))
    await client.refetchQueries({ queryKey: now, exact: true })
  }, [client])

  /** The ids of the jobs at the head, where the order has one. */
  const readHead = useCallback(async (): Promise<ReadonlySet<string> | null> => {
    const { filter: asked, key: now } = latest.current
    const pages = client.getQueryData<JobPages>(now)
    if (!pages) return null
    if (asked.order && asked.order !== 'newest') {
      if (pages.pages.length === 1) await client.refetchQueries({ queryKey: now, exact: true })
      else setOutdated(true)
      return null
    }
    const head = await readPage(asked, kFirstPage, null)
    const before = client.getQueryData<JobPages>(now)
    if (!before) return null
    const after = withHead(before, head, asked)
    if (after) client.setQueryData(now, after)
    else client.setQueryData<JobPages>(now, { pages: [head], pageParams: [null] })
    return new Set(head.items.map((job) => job.id))
  }, [client])

  const flush = useCallback(async () => {
    const { filter: asked, key: now } = latest.current
    const pages = client.getQueryData<JobPages>(now)
    const hasHead = !asked.order || asked.order === 'newest'
    const reading = pages ? readingFor(pages, [...changed.current], hasHead ? kFirstPage : 0) : { jobs: [], head: false, inHead: [], later: [] }
    changed.current = new Set(reading.later)
    // They come into the list together: each change of it is drawn.
    const jobs = Promise.allSettled(reading.jobs.map(async (id) => ({ id, job: await readJob(id) }))).then((answers) => {
      const read = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
      if (read.length === 0) return
      change((list) => read.reduce((rest, { id, job }) => (job ? rest : withoutJob(rest, id)), withJobs(list, read.flatMap(({ job }) => job ?? []), asked)))
    })
    // What could not be read stays as it is until the next change, or until the connection is back.
    const [, head] = await Promise.allSettled([jobs, reading.head ? readHead() : null])
    // Pushed out of the head by others meanwhile.
    if (head.status === 'fulfilled' && head.value) for (const id of reading.inHead) if (!head.value.has(id)) changed.current.add(id)
  }, [client, change, readHead])

  const last = useRef(0)
  const schedule = useCallback(() => {
    const run = async () => {
      last.current = Date.now()
      await flush()
      timer.current = changed.current.size > 0 && shown.current ? setTimeout(() => void run(), kLaterMs) : null
    }
    // The first change is shown soon, and in a storm all of them together every now and then.
    timer.current ??= setTimeout(() => void run(), Math.max(kSettleMs, last.current + kLaterMs - Date.now()))
  }, [flush])

  useChanges((event) => {
    if (event.kind === 'reset') void readAgain()
    if (event.kind !== 'change' || event.change.kind !== 'job') return
    if (event.change.deleted) return void change((pages) => withoutJob(pages, event.change.id))
    changed.current.add(event.change.id)
    schedule()
  })

  // A list that was left and is shown again has missed changes.
  useEffect(() => {
    const state = client.getQueryState(latest.current.key)
    if (state?.data && Date.now() - state.dataUpdatedAt > kLaterMs) void readAgain()
  }, [client, keyText, readAgain])

  useEffect(() => {
    shown.current = true
    return () => {
      shown.current = false
      if (timer.current !== null) clearTimeout(timer.current)
      timer.current = null
    }
  }, [])

  // Forecasts move without any change of the job itself.
  const waits = query.data?.pages[0]?.items.some((job) => isWaiting(job.state)) ?? false
  useEffect(() => {
    if (!waits) return
    const every = setInterval(() => {
      const { filter: asked } = latest.current
      readPage({ ...asked, state: asked.state ?? 'Queued,Waiting for GPUs' }, kFirstPage, null).then(
        (page) => change((pages) => withJobs(pages, page.items, asked)),
        () => {},
      )
    }, kForecastMs)
    return () => clearInterval(every)
  }, [waits, change])

  return { ...query, outdated, readAgain, isSearching: isEmpty && hasNextPage }
}




const kMostEvents = 1000

/** Everything that happened to a job, in order. */
export function jobEventsQuery(job: string) {
  return queryOptions({
    queryKey: ['job', job, 'events'] as const,
    queryFn: async ({ signal }) => {
      const events: Schemas['JobEvent'][] = []
      let cursor: string | undefined
      do {
        const page = await take(api.GET('/jobs/{job}/events', { params: { path: { job }, query: { limit: kMostEvents, cursor } }, signal }))
        if (typeof page === 'string') break
        events.push(...page.items)
        cursor = page.next_cursor ?? undefined
      } while (cursor !== undefined && events.length < 20 * kMostEvents)
      return events
    },
  })
}

export function explanationQuery(job: string) {
  return queryOptions({
    queryKey: ['job', job, 'explanation'] as const,
    queryFn: ({ signal }) => take(api.GET('/jobs/{job}/explanation', { params: { path: { job } }, signal })),
  })
}

export function holdJob(job: string, reason: string) {
  return take(api.POST('/jobs/{job}/hold', { params: { path: { job } }, body: reason ? { reason } : {} }))
}

export function releaseJob(job: string) {
  return take(api.POST('/jobs/{job}/release', { params: { path: { job } } }))
}

export function setPriority(job: string, priority: number) {
  return take(api.POST('/jobs/{job}/reorder', { params: { path: { job } }, body: { priority } }))
}

export function setTags(job: string, tags: string[]) {
  return take(api.PATCH('/jobs/{job}', { params: { path: { job } }, body: { tags } }))
}

export function deleteJob(job: string) {
  return take(api.DELETE('/jobs/{job}', { params: { path: { job } } }))
}
