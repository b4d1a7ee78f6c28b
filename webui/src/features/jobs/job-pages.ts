import type { InfiniteData } from '@tanstack/react-query'
import type { JobShort } from '@/api/jobs'
import { hasEnded } from '@/api/states'
import type { JobsFilter } from './jobs-search'

export interface JobPage {
  items: JobShort[]
  next_cursor: string | null
  /** How many match in all, or at least; of the first page only. */
  total?: number | null
  total_at_least?: number | null
}
/** As the query client keeps them; what each page was asked with is of no matter here. */
export type JobPages = InfiniteData<JobPage, unknown>

/** Whether a job's state is one that the list asks for; everything else about a job that lists filter by stays as it is. */
export function belongs(job: JobShort, filter: JobsFilter): boolean {
  if (filter.live && hasEnded(job.state)) return false
  return !filter.state || filter.state.split(',').includes(job.state)
}

function idsOf(pages: JobPages): Set<string> {
  return new Set(pages.pages.flatMap((page) => page.items.map((job) => job.id)))
}

function mapPages(pages: JobPages, change: (items: JobShort[]) => JobShort[]): JobPages {
  let changed = false
  const next = pages.pages.map((page) => {
    const items = change(page.items)
    if (items === page.items) return page
    changed = true
    return { ...page, items }
  })
  return changed ? { ...pages, pages: next } : pages
}

/** The list without a job. */
export function withoutJob(pages: JobPages, id: string): JobPages {
  return mapPages(pages, (items) => (items.some((job) => job.id === id) ? items.filter((job) => job.id !== id) : items))
}

// Without a new revision only what depends on others changes: what a job waits for, and until when.
function isSame(known: JobShort, found: JobShort): boolean {
  return known.revision === found.revision && (hasEnded(known.state) || JSON.stringify(known) === JSON.stringify(found))
}

/**
 * The list with what is now known of jobs, each in its place; a job that no longer belongs to the list leaves it, and
 * one that is not in the list does not enter it. An answer that was overtaken by a newer one changes nothing.
 */
export function withJobs(pages: JobPages, fresh: readonly JobShort[], filter: JobsFilter): JobPages {
  const byId = new Map(fresh.map((job) => [job.id, job]))
  return mapPages(pages, (items) => {
    if (!items.some((job) => byId.has(job.id))) return items
    const next: JobShort[] = []
    let changed = false
    for (const job of items) {
      const found = byId.get(job.id)
      const newer = found && found.revision >= job.revision && !isSame(job, found) ? found : job
      changed ||= newer !== job || !belongs(newer, filter)
      if (belongs(newer, filter)) next.push(newer)
    }
    return changed ? next : items
  })
}

/**
 * The list, of the newest first, after its head was read again: new jobs come to the top, known ones are renewed.
 * Null when the head does not reach down to what is known: what is between is not, and the list must be read anew.
 */
export function withHead(pages: JobPages, head: JobPage, filter: JobsFilter): JobPages | null {
  const ids = idsOf(pages)
  const fresh = head.items.filter((job) => !ids.has(job.id))
  const touches = fresh.length < head.items.length || head.next_cursor === null
  if (!touches) return null
  const renewed = withJobs(pages, head.items, filter)
  const first = renewed.pages[0]
  if (!first || fresh.length === 0) return renewed
  return { ...renewed, pages: [{ ...first, items: merged(fresh, first.items) }, ...renewed.pages.slice(1)] }
}

const isBefore = (a: JobShort, b: JobShort) => a.submitted_at > b.submitted_at || (a.submitted_at === b.submitted_at && a.id > b.id)

// What is new is most often newer than all the rest, but a job may also come back into a list that it had left.
function merged(fresh: readonly JobShort[], items: readonly JobShort[]): JobShort[] {
  const next: JobShort[] = []
  let at = 0
  for (const job of fresh) {
    while (at < items.length && isBefore(items[at]!, job)) next.push(items[at++]!)
    next.push(job)
  }
  return next.concat(items.slice(at))
}

/** All rows in one, for the table. */
export function rowsOf(pages: JobPages | undefined): JobShort[] {
  return pages?.pages.flatMap((page) => page.items) ?? []
}

/** What is to be read after some jobs have changed: a few of them one by one, and the head for those that are new or many. */
export interface Reading {
  jobs: string[]
  head: boolean
  /** Those that the head most likely has; if it does not, they are read next time. */
  inHead: string[]
  /** Read next time, so that a storm of changes does not become a storm of requests. */
  later: string[]
}

export const kMostAtOnce = 20
const kFewest = 4

/** `headRows`: how many of the first rows are read with the head; 0 where the order has no head. */
export function readingFor(pages: JobPages, changed: readonly string[], headRows: number): Reading {
  const ids = idsOf(pages)
  const known = changed.filter((id) => ids.has(id))
  const top = new Set(rowsOf(pages).slice(0, headRows).map((job) => job.id))
  const near = known.filter((id) => top.has(id))
  const isNew = known.length < changed.length
  const byHead = near.length > 0 && headRows > 0 && (isNew || near.length >= kFewest)
  const single = byHead ? known.filter((id) => !top.has(id)) : known
  return { jobs: single.slice(0, kMostAtOnce), head: isNew || byHead, inHead: byHead ? near : [], later: single.slice(kMostAtOnce) }
}
