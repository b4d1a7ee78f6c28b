import { ActionIcon, Button, Select, Switch } from '@mantine/core'
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useState } from 'react'
import { messageOf } from '@/api/error'
import { poolsQuery, queueQuery, type QueueEntry } from '@/api/cluster'
import { useMe } from '@/api/session'
import { counted } from '@/lib/quantity'
import { given } from '@/lib/search-params'
import { durationText } from '@/lib/time'
import { EmptyState } from '@/ui/empty-state'
import { FilterBar } from '@/ui/filter-bar'
import { Meter } from '@/ui/meter'
import { Page } from '@/ui/page'
import { ErrorPanel, Loaded } from '@/ui/panel'
import { sayDone, sayFailed } from '@/ui/toast'
import { hold, moveAhead, readQueueAgain, release, reorder } from './api'
import { afterMove, byPool, misplaced, moveTo, outcome, undoOf, type Move } from './order'
import { QueueList, type PoolQueue } from './queue-list'
import classes from './queue-page.module.css'

/** What waits in one's own pool. */
export function QueuePage() {
  return <Queue isOperators={false} />
}

/** What waits in all pools, for those who may give it another order. */
export function OperatorQueuePage() {
  return <Queue isOperators />
}

/** What became of a move that did not do what was meant: said where it was tried, until the next one. */
interface Remark {
  pool: string
  text: string
  tone: 'bad' | 'waiting'
}

function Queue({ isOperators }: { isOperators: boolean }) {
  const me = useMe()
  const client = useQueryClient()
  const navigate = useNavigate()
  const search: { pool?: string; held?: 'no' } = useSearch({ strict: false })
  const shown = isOperators ? search.pool : undefined
  const pools = useQuery(poolsQuery).data ?? []
  const query = useInfiniteQuery(queueQuery(shown))
  const [remark, setRemark] = useState<Remark | null>(null)
  const [said, setSaid] = useState('')
  const hasNext = query.hasNextPage && !query.isFetchingNextPage && !query.error
  const { fetchNextPage } = query
  const onEnd = useCallback(() => {
    if (hasNext) void fetchNextPage()
  }, [hasNext, fetchNextPage])
  const narrow = (change: { pool?: string | undefined; held?: 'no' | undefined }) =>
    void navigate({ to: '.', search: given({ ...search, ...change }) as never, replace: true })

  const entries = query.data?.pages.flatMap((page) => page.items) ?? []
  const queues = byPool(entries)
  const visible = search.held === 'no' ? queues.map((queue) => ({ ...queue, entries: queue.entries.filter((entry) => entry.held === null) })).filter((queue) => queue.entries.length > 0) : queues

  const perform = async (pool: string, job: string, move: Move, undo: Move | null) => {
    const before = queues.find((queue) => queue.pool === pool)?.entries ?? []
    const after = afterMove(before, job, move)
    const back = await moveAhead(client, shown, pool, job, move)
    setRemark(null)
    const text = outcome(before, after, job)
    setSaid(text)
    try {
      await reorder(job, move)
      sayDone(text, undo ? () => perform(pool, job, undo, null) : undefined)
    } catch (error) {
      back()
      const name = before.find((entry) => entry.job === job)?.name ?? 'The job'
      setRemark({ pool, text: `${name} stays where it was: ${messageOf(error)}`, tone: 'bad' })
      setSaid('')
      await readQueueAgain(client)
      return
    }
    await readQueueAgain(client)
    const now = client.getQueryData(queueQuery(shown).queryKey)?.pages.flatMap((page) => page.items).filter((entry) => entry.pool === pool) ?? []
    const elsewhere = misplaced(after, now, job)
    if (elsewhere) setRemark({ pool, text: elsewhere, tone: 'waiting' })
  }
  const move = (queue: PoolQueue, from: number, to: number) => {
    // What is filtered out keeps its place; the move is among all that wait.
    const all = queues.find((each) => each.pool === queue.pool)?.entries ?? []
    const entry = queue.entries[from]
    const mark = queue.entries[to]
    if (!entry?.job || !mark) return
    const wish = moveTo(all, all.indexOf(entry), all.indexOf(mark))
    if (wish) void perform(queue.pool, entry.job, wish, undoOf(all, entry.job))
  }
  const setPriority = async (queue: PoolQueue, entry: QueueEntry, priority: number) => {
    if (!entry.job) return
    const { job } = entry
    const all = queues.find((each) => each.pool === queue.pool)?.entries ?? []
    await reorder(job, { priority })
    const undo = isOperators ? undoOf(all, job) : { priority: entry.priority }
    sayDone(`${entry.name} has priority ${priority}.`, undo ? () => perform(queue.pool, job, undo, null) : undefined)
    await readQueueAgain(client)
  }
  const letGo = async (entry: QueueEntry) => {
    try {
      await release(entry.job ?? '')
      sayDone(`${entry.name} starts when its turn comes.`, () => holdIt(entry, '').catch((error: unknown) => sayFailed(`${entry.name} could not be held`, error)))
    } catch (error) {
      sayFailed(`${entry.name} could not be released`, error)
    }
    await readQueueAgain(client)
  }
  const holdIt = async (entry: QueueEntry, reason: string) => {
    await hold(entry.job ?? '', reason)
    sayDone(`${entry.name} is held.`, () => letGo(entry))
    await readQueueAgain(client)
  }

  const oldest = (some: readonly QueueEntry[]) => some.reduce((longest, entry) => Math.max(longest, entry.waited_ms), 0)
  const poolLine = (name: string, waiting: number) => {
    const pool = pools.find((each) => each.name === name)
    const queue = queues.find((each) => each.pool === name)
    return (
      <>
        <strong role="rowheader" className="clip" title={name}>
          {isOperators ? (
            <Link to="/operator/pools" search={{ pool: name }}>
              {name}
            </Link>
          ) : (
            name
          )}
        </strong>
        <span role="cell" style={{ width: 150 }}>
          {pool && <Meter label={`GPUs in use in ${name}`} used={pool.used} total={pool.total} broken={pool.unhealthy} />}
        </span>
        <span role="cell" className="dim">
          {pool ? `${pool.model ?? 'mixed'} · ${pool.free} free · ` : ''}
          {counted(pool?.waiting_jobs ?? waiting, 'job')} waiting
          {queue && `, the oldest for ${durationText(oldest(queue.entries))}`}
        </span>
        <span />
      </>
    )
  }

  return (
    <Page title="Queue" filled>
      <FilterBar
        count={
          query.data && (
            <>
              {query.hasNextPage ? 'at least ' : ''}
              {counted(entries.length, 'job')} waiting
              {entries.length > 0 && `, the oldest for ${durationText(oldest(entries))}`}
            </>
          )
        }
      >
        {isOperators && (
          <Select
            aria-label="Pool"
            placeholder="All pools"
            clearable
            searchable
            w={200}
            data={[...new Set([...pools.map((pool) => pool.name), ...(shown ? [shown] : [])])]}
            value={shown ?? null}
            onChange={(pool) => narrow({ pool: pool ?? undefined })}
          />
        )}
        <Switch label="Without held jobs" checked={search.held === 'no'} onChange={(event) => narrow({ held: event.currentTarget.checked ? 'no' : undefined })} />
        {isOperators && entries.length > 0 && (
          <span className={`${classes.hint} ${classes.keys}`}>
            Drag a job, or focus its <span aria-hidden="true">⠿</span> handle: <kbd>Alt</kbd>+<kbd>↑</kbd> <kbd>↓</kbd> <kbd>Home</kbd> <kbd>End</kbd>
          </span>
        )}
      </FilterBar>
      <div className="visually-hidden" role="status">
        {said}
      </div>
      {remark && (
        <div className={remark.tone === 'bad' ? classes.refused : classes.noted} role="alert">
          <span className={`tone-${remark.tone}`} aria-hidden="true">
            {remark.tone === 'bad' ? '✕' : '▲'}
          </span>
          <span className="wrap">
            <strong>{remark.pool}</strong>: {remark.text}
          </span>
          <ActionIcon aria-label="Close" onClick={() => setRemark(null)} ml="auto">
            <span aria-hidden="true">✕</span>
          </ActionIcon>
        </div>
      )}
      <Loaded query={query} what="The queue could not be read">
        {() =>
          visible.length === 0 ? (
            <NothingWaits filtered={entries.length > 0 || shown !== undefined} onAll={() => narrow({ pool: undefined, held: undefined })} />
          ) : (
            <>
              <QueueList
                queues={visible}
                poolLine={poolLine}
                canMove={isOperators}
                canChange={(entry) => isOperators || entry.owner === me.user}
                onMove={move}
                onPriority={setPriority}
                onHold={holdIt}
                onRelease={(entry) => void letGo(entry)}
                onEnd={onEnd}
              />
              {query.error && <ErrorPanel error={query.error} what="The rest of the queue could not be read" onRetry={() => void query.refetch()} />}
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

function NothingWaits({ filtered, onAll }: { filtered: boolean; onAll: () => void }) {
  if (filtered) {
    return (
      <EmptyState title="Nothing waits here" action={<Button onClick={onAll}>Show all that waits</Button>}>
        No job waits that these filters let through.
      </EmptyState>
    )
  }
  return (
    <EmptyState
      title="Nothing waits"
      command="pintle run PROJECT/TASK --gpus 2 --dry-run"
      action={
        <Button component={Link} to="/projects">
          Run a task
        </Button>
      }
    >
      Jobs stand here while their pool has not the GPUs, or the machines not the CPUs and the memory, that all their replicas need together: in the order of their turn, with the reason and a forecast.
    </EmptyState>
  )
}
