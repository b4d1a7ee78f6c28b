import { queryOptions } from '@tanstack/react-query'
import { api, take } from '@/api/client'
import type { paths } from '@/api/schema.gen'
import { ApiError, apiErrorOf } from '@/api/error'
import { EventStreamParser } from './event-stream'
import { kPageLines, type LogItem, type LogPage } from './log-store'

export type Position = { from_line: number } | { tail: number } | { before_cursor: string } | { cursor: string } | { around: string }

type Query = NonNullable<paths['/jobs/{job}/logs/{replica}']['get']['parameters']['query']>

// The path also answers with text, but only where it is asked for.
function readPage(job: string, replica: string, query: Query, signal: AbortSignal | null): Promise<LogPage> {
  return take(api.GET('/jobs/{job}/logs/{replica}', { params: { path: { job, replica }, query }, signal })) as Promise<LogPage>
}

// All logs together are read from one end to the other, without jumps: fewer and larger pages keep up with the wheel.
const kMergedPageLines = 3000

export function readLog(job: string, replica: string, at: Position, signal?: AbortSignal): Promise<LogPage> {
  const query = 'tail' in at ? at : { ...at, limit: replica === 'all' ? kMergedPageLines : kPageLines }
  return readPage(job, replica, query, signal ?? null)
}

/** The logs of a job: its own, and one of each replica. */
export function logsQuery(job: string) {
  return queryOptions({
    queryKey: ['job', job, 'logs'] as const,
    queryFn: ({ signal }) => take(api.GET('/jobs/{job}/logs', { params: { path: { job } }, signal })),
  })
}

export const kHits = 200

/** A page of lines that match, searched for by the server; the next one begins at `next_from_line`. */
export function searchLog(job: string, replica: string, grep: string, minded: boolean, from: number, signal: AbortSignal): Promise<LogPage> {
  const query = { grep, case: minded ? ('sensitive' as const) : ('ignore' as const), limit: kHits, ...(replica === 'all' ? {} : { from_line: from }) }
  return readPage(job, replica, query, signal)
}

export function downloadUrl(job: string, replica: string): string {
  return `/api/v1/jobs/${encodeURIComponent(job)}/logs/${encodeURIComponent(replica)}?download=true`
}

export interface Followed {
  item: LogItem
  id: string
}

interface Follower {
  onLines: (lines: Followed[]) => void
  /** The job has ended and everything was sent. */
  onEnd: () => void
  /** False while the connection is lost and is tried again. */
  onConnected: (connected: boolean) => void
  /** It cannot be followed, and trying again is of no use. */
  onRefused: (error: unknown) => void
}

const kFirstDelayMs = 500
const kLongestDelayMs = 15_000

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), done()), { once: true })
  })
}

/**
 * Follows a log from a position, or from its last line, until the job has ended or `signal` says so. Goes on behind
 * the last line after the connection was lost.
 */
export async function followLog(job: string, replica: string, from: string | null, follower: Follower, signal: AbortSignal): Promise<void> {
  const url = `/api/v1/jobs/${encodeURIComponent(job)}/logs/${encodeURIComponent(replica)}`
  let last = from
  let delay = kFirstDelayMs
  while (!signal.aborted) {
    try {
      const answer = await fetch(last === null ? `${url}?tail=1` : url, {
        headers: { Accept: 'text/event-stream', ...(last === null ? {} : { 'Last-Event-ID': last }) },
        signal,
      })
      if (!answer.ok || !answer.body) throw apiErrorOf(answer.status, await answer.json().catch(() => null))
      follower.onConnected(true)
      delay = kFirstDelayMs
      const parser = new EventStreamParser()
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        const lines: Followed[] = []
        let ended = false
        for (const event of parser.push(value)) {
          if (event.event === 'line') lines.push({ item: JSON.parse(event.data) as LogItem, id: (last = event.id) })
          else if (event.event === 'end') ended = true
        }
        if (lines.length > 0) follower.onLines(lines)
        if (ended) return follower.onEnd()
      }
    } catch (error) {
      if (signal.aborted) return
      // What the server refuses it will refuse again; what it failed at it may do later.
      if (error instanceof ApiError && error.status >= 400 && error.status < 500) return follower.onRefused(error)
    }
    follower.onConnected(false)
    await pause(delay, signal)
    delay = Math.min(delay * 2, kLongestDelayMs)
  }
}
