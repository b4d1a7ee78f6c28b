import { QueryClient, type QueryKey } from '@tanstack/react-query'
import { ApiError } from './error'
import type { LiveEvent } from './live'

/**
 * The first word of a query's key says what it is about, so that the stream of changes knows what to read again:
 * "jobs" (lists), "job" + id, "projects" (lists), "project" + name, "cluster" (users, groups, pools, nodes, queue),
 * "session" and "static" (nothing on the stream concerns these).
 */
export type Topic = 'jobs' | 'job' | 'projects' | 'project' | 'cluster' | 'session' | 'static'

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        gcTime: 5 * 60_000,
        refetchOnWindowFocus: false,
        // What the server refused, it will refuse again; the stream of changes says when it is back.
        retry: (count, error) => !(error instanceof ApiError) && count < 1,
      },
      mutations: { retry: false },
    },
  })
}

/** Which queries a batch of events concerns. */
export function concerns(events: readonly LiveEvent[]): (key: QueryKey) => boolean {
  if (events.some((event) => event.kind === 'reset')) return (key) => key[0] !== 'static'
  const topics = new Set<unknown>()
  const jobs = new Set<unknown>()
  for (const event of events) {
    if (event.kind !== 'change') continue
    if (event.change.kind === 'project') {
      topics.add('projects').add('project')
    } else if (event.change.kind === 'job') {
      topics.add('jobs').add('projects').add('cluster')
      jobs.add(event.change.id)
    } else {
      topics.add('cluster')
    }
  }
  return (key) => topics.has(key[0]) || (key[0] === 'job' && jobs.has(key[1]))
}

const kBatchMs = 300
const kApartMs = 1500
/** One answer that does not come keeps nothing else from being read. */
const kStuckMs = 10_000

/**
 * Reads again what events concern. A change is shown soon; in a storm of them everything is read again every now and
 * then, and never while that is still under way: answers that nobody waits for would only keep the page busy.
 */
export function refetchOn(client: QueryClient, listen: (listener: (event: LiveEvent) => void) => () => void) {
  let waiting: LiveEvent[] = []
  let timer: ReturnType<typeof setTimeout> | null = null
  let reading = false
  let last = -kApartMs
  const read = async () => {
    timer = null
    const isConcerned = concerns(waiting)
    waiting = []
    reading = true
    last = Date.now()
    const done = client.invalidateQueries({ predicate: (query) => isConcerned(query.queryKey) && query.meta?.live !== 'own' }).catch(() => {})
    await Promise.race([done, new Promise((late) => setTimeout(late, kStuckMs))])
    reading = false
    if (waiting.length > 0) schedule()
  }
  const schedule = () => {
    if (reading) return
    timer ??= setTimeout(() => void read(), Math.max(kBatchMs, last + kApartMs - Date.now()))
  }
  const stop = listen((event) => {
    if (event.kind === 'status') return
    waiting.push(event)
    schedule()
  })
  return () => {
    if (timer !== null) clearTimeout(timer)
    stop()
  }
}
