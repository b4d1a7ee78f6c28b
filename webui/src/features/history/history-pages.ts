import type { InfiniteData } from '@tanstack/react-query'
import type { Schemas } from '@/api/client'

export type Attempt = Schemas['Attempt']
export interface AttemptPage {
  items: Attempt[]
  next_cursor: string | null
}
export type AttemptPages = InfiniteData<AttemptPage, unknown>

export function attemptKey(attempt: Attempt): string {
  return `${attempt.job} ${attempt.resource} ${attempt.index} ${attempt.attempt}`
}

/** The history after its head was read again; null when there is a gap between the two. */
export function withAttempts(pages: AttemptPages, head: AttemptPage): AttemptPages | null {
  const fresh = new Map(head.items.map((attempt) => [attemptKey(attempt), attempt]))
  const known = new Set<string>()
  const renewed = pages.pages.map((page) => {
    if (!page.items.some((attempt) => fresh.has(attemptKey(attempt)))) return page
    for (const attempt of page.items) known.add(attemptKey(attempt))
    return { ...page, items: page.items.map((attempt) => fresh.get(attemptKey(attempt)) ?? attempt) }
  })
  const added = head.items.filter((attempt) => !known.has(attemptKey(attempt)))
  if (added.length === head.items.length && head.next_cursor !== null) return null
  const [first] = renewed
  if (!first) return { pages: [head], pageParams: [null] }
  return { ...pages, pages: [{ ...first, items: [...added, ...first.items] }, ...renewed.slice(1)] }
}
