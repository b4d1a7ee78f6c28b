import { ActionIcon, Button } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { ErrorPanel } from '@/ui/panel'
import { searchLog } from './api'
import { plainText } from './ansi'
import type { Line } from './log-store'
import { linesOf } from './log-store'
import classes from './logs.module.css'

interface Props {
  job: string
  replica: string
  grep: string
  minded: boolean
  /** The line that is marked. */
  current: Place | null
  onHit: (hit: Line) => void
  onClose: () => void
}

const kShownChars = 300

/** A line of one of a job's logs. */
export interface Place {
  replica: string
  line: number
}

const isAt = (hit: Line, place: Place | null) => hit.line === place?.line && hit.replica === place.replica

/** The hit after or before a line, around the ends. */
export function nextHit(hits: readonly Line[], current: Place | null, step: 1 | -1): Line | undefined {
  if (hits.length === 0) return undefined
  if (current === null) return step > 0 ? hits[0] : hits.at(-1)
  const place = hits.findIndex((hit) => isAt(hit, current))
  if (place >= 0) return hits[(place + step + hits.length) % hits.length]
  // A line that is no hit itself is between those of its own log.
  const own = hits.filter((hit) => hit.replica === current.replica)
  if (step > 0) return own.find((hit) => hit.line > current.line) ?? hits[0]
  return own.findLast((hit) => hit.line < current.line) ?? hits.at(-1)
}

/** What the server found, in the order of the log. */
export function LogHits({ job, replica, grep, minded, current, onHit, onClose }: Props) {
  const found = useInfiniteQuery({
    queryKey: ['job', job, 'log-hits', replica, grep, minded],
    queryFn: ({ pageParam, signal }) => searchLog(job, replica, grep, minded, pageParam, signal),
    initialPageParam: 1,
    getNextPageParam: (last) => (last.complete ? null : last.next_from_line),
    meta: { live: 'own' },
  })
  const hits = linesOf(found.data?.pages.flatMap((page) => page.items) ?? [])
  const { hasNextPage, isFetching, fetchNextPage } = found
  // The server looks for a while only; a search without a hit goes on until there is one, or the end.
  useEffect(() => {
    if (hits.length === 0 && hasNextPage && !isFetching) void fetchNextPage()
  }, [hits.length, hasNextPage, isFetching, fetchNextPage])
  const more = found.hasNextPage || found.data?.pages.at(-1)?.complete === false
  const go = (step: 1 | -1) => {
    const hit = nextHit(hits, current, step)
    if (hit) onHit(hit)
  }
  useHotkeys([
    ['n', () => go(1)],
    ['shift+n', () => go(-1)],
  ])
  const position = hits.findIndex((hit) => isAt(hit, current))
  return (
    <section className={classes.hits} aria-label="Hits">
      <div className={classes.hitsHead}>
        <span role="status" style={{ flex: 1 }}>
          {found.isPending ? 'Searching…' : `${position >= 0 ? `${position + 1} of ` : ''}${hits.length.toLocaleString('en')}${more ? ' or more' : ''} ${hits.length === 1 ? 'hit' : 'hits'}`}
        </span>
        <ActionIcon aria-label="Previous hit" title="Previous hit (Shift N)" disabled={hits.length === 0} onClick={() => go(-1)}>
          <span aria-hidden="true">↑</span>
        </ActionIcon>
        <ActionIcon aria-label="Next hit" title="Next hit (N)" disabled={hits.length === 0} onClick={() => go(1)}>
          <span aria-hidden="true">↓</span>
        </ActionIcon>
        <ActionIcon aria-label="End the search" onClick={onClose}>
          <span aria-hidden="true">×</span>
        </ActionIcon>
      </div>
      {found.error && <ErrorPanel error={found.error} what="The search failed" onRetry={() => void found.refetch()} />}
      <ul className={classes.hitList}>
        {hits.map((hit) => (
          <li key={`${hit.replica} ${hit.line}`}>
            <button type="button" className={classes.hit} aria-current={isAt(hit, current)} onClick={() => onHit(hit)}>
              <span className={classes.hitNumber}>{replica === 'all' ? `${hit.replica}:${hit.line}` : hit.line}</span>
              <span className="clip">{plainText(hit.text).slice(0, kShownChars)}</span>
            </button>
          </li>
        ))}
        {found.hasNextPage && (
          <li style={{ padding: 8 }}>
            <Button loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
              Search on
            </Button>
          </li>
        )}
      </ul>
    </section>
  )
}
