import { Link } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import type { QueueEntry } from '@/api/cluster'
import { durationText } from '@/lib/time'
import { TimeAgo } from '@/ui/time'
import { EntryMenu } from './entry-menu'
import classes from './queue-page.module.css'

export interface PoolQueue {
  pool: string
  entries: QueueEntry[]
}

interface Props {
  queues: PoolQueue[]
  /** What stands beside a pool's name. */
  poolLine: (pool: string, waiting: number) => ReactNode
  canMove: boolean
  /** Whether this job's priority and hold are for the person who looks to change. */
  canChange: (entry: QueueEntry) => boolean
  onMove: (queue: PoolQueue, from: number, to: number) => void
  onPriority: (queue: PoolQueue, entry: QueueEntry, priority: number) => Promise<unknown>
  onHold: (entry: QueueEntry, reason: string) => Promise<unknown>
  onRelease: (entry: QueueEntry) => void
  onEnd: () => void
}

interface Line {
  queue: PoolQueue
  /** Below zero: the pool's own line. */
  index: number
}

interface Drag {
  pool: string
  from: number
  over: number | null
}

/** The queues of one or all pools, each job with the handle that moves it. Only the lines in sight exist. */
export function QueueList({ queues, poolLine, canMove, canChange, onMove, onPriority, onHold, onRelease, onEnd }: Props) {
  const scroller = useRef<HTMLDivElement>(null)
  const focused = useRef<string | null>(null)
  const [drag, setDrag] = useState<Drag | null>(null)
  const lines: Line[] = queues.flatMap((queue) => [{ queue, index: -1 }, ...queue.entries.map((_, index) => ({ queue, index }))])
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing here is memoised
  const virtual = useVirtualizer({ count: lines.length, getScrollElement: () => scroller.current, estimateSize: () => 30, overscan: 20 })
  const items = virtual.getVirtualItems()
  const lastSeen = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (lastSeen >= lines.length - 40) onEnd()
  }, [lastSeen, lines.length, onEnd])
  // A line that has moved is another place in the document, and the browser takes the focus from what moves.
  useLayoutEffect(() => {
    if (focused.current === null || document.activeElement !== document.body) return
    scroller.current?.querySelector<HTMLElement>(`[data-handle="${CSS.escape(focused.current)}"]`)?.focus({ preventScroll: true })
  })

  const go = (from: number, step: number) => {
    for (let at = from + step; at >= 0 && at < lines.length; at += step) {
      const line = lines[at]!
      const job = line.queue.entries[line.index]?.job
      if (!job || !(canMove || canChange(line.queue.entries[line.index]!))) continue
      virtual.scrollToIndex(at)
      focused.current = job
      scroller.current?.querySelector<HTMLElement>(`[data-handle="${CSS.escape(job)}"]`)?.focus()
      return
    }
  }
  const onKeyDown = (event: KeyboardEvent, line: Line, at: number) => {
    if (event.ctrlKey || event.metaKey) return
    const last = line.queue.entries.length - 1
    const targets: Record<string, number> = { ArrowUp: line.index - 1, ArrowDown: line.index + 1, Home: 0, End: last }
    const step = { ArrowUp: -1, k: -1, ArrowDown: 1, j: 1 }[event.key]
    const target = targets[event.key]
    if (event.altKey && target !== undefined) {
      event.preventDefault()
      onMove(line.queue, line.index, target)
    } else if (!event.altKey && step !== undefined) {
      event.preventDefault()
      go(at, step)
    }
  }

  return (
    <div ref={scroller} className={classes.scroller} role="table" aria-label="Queue" aria-rowcount={lines.length + 1} tabIndex={0}>
      <div role="rowgroup" style={{ position: 'sticky', top: 0, zIndex: 2, minWidth: 'max-content' }}>
        <div role="row" aria-rowindex={1} className={classes.head}>
          <span role="columnheader">
            <span className="visually-hidden">Move</span>
          </span>
          <span role="columnheader" className={classes.end}>
            #
          </span>
          {['Job', 'Owner', 'Group'].map((name) => (
            <span key={name} role="columnheader">
              {name}
            </span>
          ))}
          {['GPUs', 'Priority', 'Waits'].map((name) => (
            <span key={name} role="columnheader" className={classes.end}>
              {name}
            </span>
          ))}
          <span role="columnheader">Starts</span>
          <span role="columnheader">Why it waits</span>
          <span role="columnheader">
            <span className="visually-hidden">Actions</span>
          </span>
        </div>
      </div>
      <div role="rowgroup" style={{ position: 'relative', height: virtual.getTotalSize(), minWidth: 'max-content' }}>
        {items.map((item) => {
          const line = lines[item.index]!
          const { queue, index } = line
          const style = { position: 'absolute' as const, left: 0, right: 0, transform: `translateY(${item.start}px)` }
          if (index < 0) {
            return (
              <div key={`pool ${queue.pool}`} role="row" aria-rowindex={item.index + 2} className={classes.pool} style={style}>
                {poolLine(queue.pool, queue.entries.length)}
              </div>
            )
          }
          const entry = queue.entries[index]!
          const mayMove = canMove && entry.job !== null
          const isOver = drag?.pool === queue.pool && drag.over === index && drag.from !== index
          return (
            <div
              key={entry.job ?? `${queue.pool} ${index}`}
              role="row"
              aria-rowindex={item.index + 2}
              className={classes.row}
              style={style}
              {...(entry.held !== null ? { 'data-held': true } : {})}
              {...(isOver ? { 'data-drop': drag.from > index ? 'above' : 'below' } : {})}
              {...(drag?.pool === queue.pool && drag.from === index ? { 'data-moving': true } : {})}
              draggable={mayMove}
              onDragStart={(event) => {
                event.dataTransfer.effectAllowed = 'move'
                event.dataTransfer.setData('text/plain', entry.name)
                setDrag({ pool: queue.pool, from: index, over: null })
              }}
              onDragOver={(event) => {
                // Queues of different pools are different lines: a job of one has no place in another.
                if (drag?.pool !== queue.pool) return
                event.preventDefault()
                if (drag.over !== index) setDrag({ ...drag, over: index })
              }}
              onDrop={(event) => {
                event.preventDefault()
                if (drag?.pool === queue.pool) onMove(queue, drag.from, index)
                setDrag(null)
              }}
              onDragEnd={() => setDrag(null)}
            >
              <span role="cell">
                {mayMove && (
                  <button
                    type="button"
                    className={classes.handle}
                    data-handle={entry.job}
                    aria-label={`Move ${entry.name}, ${index + 1} of ${queue.entries.length} in ${queue.pool}`}
                    aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Alt+Home Alt+End"
                    onFocus={() => (focused.current = entry.job)}
                    onBlur={(event) => {
                      if (event.relatedTarget !== null) focused.current = null
                    }}
                    onKeyDown={(event) => onKeyDown(event, line, item.index)}
                  >
                    <span aria-hidden="true">⠿</span>
                  </button>
                )}
              </span>
              <span role="cell" className={classes.end}>
                {entry.position}
              </span>
              <span role="cell" className={classes.cell} title={entry.name}>
                {entry.job ? (
                  <Link to="/jobs/$job" params={{ job: entry.job }} draggable={false}>
                    {entry.name}
                  </Link>
                ) : (
                  <span className="dim">{entry.name}</span>
                )}
              </span>
              <span role="cell" className={classes.cell} title={entry.owner ?? undefined}>
                {entry.owner ?? <span className="dim">–</span>}
              </span>
              <span role="cell" className={classes.cell} title={entry.group ?? undefined}>
                {entry.group ?? <span className="dim">another</span>}
              </span>
              <span role="cell" className={classes.end}>
                {entry.gpus}
              </span>
              <span role="cell" className={classes.end}>
                {entry.priority}
              </span>
              <span role="cell" className={classes.end}>
                {durationText(entry.waited_ms)}
              </span>
              <span role="cell" className={classes.cell}>
                {entry.forecast ? <TimeAgo at={entry.forecast.median} /> : <span className="dim">–</span>}
              </span>
              <span role="cell" className={classes.cell} title={entry.reason ?? undefined}>
                {entry.held !== null && (
                  <span className="tone-waiting">
                    <span aria-hidden="true">‖</span> held ·{' '}
                  </span>
                )}
                {entry.reason}
              </span>
              <span role="cell">
                {entry.job !== null && canChange(entry) && (
                  <EntryMenu
                    entry={entry}
                    actions={{
                      canMove: mayMove,
                      isFirst: index === 0,
                      isLast: index === queue.entries.length - 1,
                      onMove: (to) => onMove(queue, index, { top: 0, up: index - 1, down: index + 1, bottom: queue.entries.length - 1 }[to]),
                      onPriority: (priority) => onPriority(queue, entry, priority),
                      onHold: (reason) => onHold(entry, reason),
                      onRelease: () => onRelease(entry),
                    }}
                  />
                )}
              </span>
            </div>
          )
        })}
      </div>
    </div>
  )
}
