import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import { api, take, type Schemas } from '@/api/client'
import { queueQuery, readClusterAgain } from '@/api/cluster'
import { afterMove, type Move } from './order'

type Page = { items: Schemas['QueueEntry'][]; next_cursor: string | null }

export function reorder(job: string, move: Move) {
  return take(api.POST('/jobs/{job}/reorder', { params: { path: { job } }, body: move }))
}

export function hold(job: string, reason: string) {
  return take(api.POST('/jobs/{job}/hold', { params: { path: { job } }, body: reason === '' ? {} : { reason } }))
}

export function release(job: string) {
  return take(api.POST('/jobs/{job}/release', { params: { path: { job } } }))
}

/** Shows a move before the server has answered; the function that comes back takes it back. */
export async function moveAhead(client: QueryClient, shown: string | undefined, pool: string, job: string, move: Move): Promise<() => void> {
  const { queryKey } = queueQuery(shown)
  await client.cancelQueries({ queryKey })
  const before = client.getQueryData<InfiniteData<Page, string>>(queryKey)
  if (before) {
    const queue = before.pages.flatMap((page) => page.items)
    const inPool = afterMove(
      queue.filter((entry) => entry.pool === pool),
      job,
      move,
    )
    const next = inPool[Symbol.iterator]()
    client.setQueryData<InfiniteData<Page, string>>(queryKey, {
      ...before,
      // Each entry of the pool gets the place of the one that stood there; pages keep their lengths.
      pages: before.pages.map((page) => ({ ...page, items: page.items.map((entry) => (entry.pool === pool ? (next.next().value ?? entry) : entry)) })),
    })
  }
  return () => client.setQueryData(queryKey, before)
}

export async function readQueueAgain(client: QueryClient): Promise<void> {
  await readClusterAgain(client)
  await client.invalidateQueries({ queryKey: ['jobs'] })
}
