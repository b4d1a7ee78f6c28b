import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useLayoutEffect, useRef, useState, type RefObject, type UIEvent } from 'react'
import { LogRow } from './log-row'
import type { Line } from './log-store'
import classes from './logs.module.css'

export interface LinesProps {
  label: string
  count: number
  get: (index: number) => Line | undefined
  /** The number of the line at an index, where lines have numbers before they are read. */
  numberOf: ((index: number) => number) | null
  /** Told which indexes are in sight. */
  onRange: (from: number, to: number) => void
  /** How far indexes have moved since the beginning; the view stays at the line it shows. */
  shifted: number
  /** Stays at the end while it grows. */
  stuck: boolean
  onStuck: (stuck: boolean) => void
  /** Where to go; another object each time. */
  target: { index: number } | null
  isMarked: (line: Line) => boolean
  names: boolean
  times: boolean
  onMark: (line: Line) => void
  onWhole: (line: Line) => void
}

const kRowHeight = 18
const kOverscan = 20
const kAtEnd = 4
/** Browsers make no element higher than about 33 million pixels: of longer logs a part is laid out, which moves along. */
const kMostRows = 1_500_000
/** Rows that wrap are measured one by one. */
const kMostWrapped = 20_000

/** The part of a long log that is laid out; moves along when its ends come near, and never while it is at the end. */
function useWindow(count: number, most: number, stuck: boolean) {
  const [base, setBase] = useState(Math.max(0, count - most))
  const latest = Math.max(0, count - most)
  const from = stuck ? latest : Math.min(base, latest)
  return { from, rows: Math.min(count - from, most), move: (next: number) => setBase(Math.max(0, Math.min(next, latest))) }
}

function useSize(scroller: RefObject<HTMLDivElement | null>): number {
  const [height, setHeight] = useState(400)
  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return
    const observer = new ResizeObserver(() => setHeight(element.clientHeight))
    observer.observe(element)
    return () => observer.disconnect()
  }, [scroller])
  return height
}

/** Sticks when the end is reached and lets go when one scrolls up. */
function useStick(onStuck: (stuck: boolean) => void) {
  const last = useRef(0)
  return (event: UIEvent<HTMLDivElement>) => {
    const { scrollTop, clientHeight, scrollHeight } = event.currentTarget
    if (scrollTop + clientHeight >= scrollHeight - kAtEnd) onStuck(true)
    else if (scrollTop < last.current - 1) onStuck(false)
    last.current = scrollTop
  }
}

/** Lines of equal height: any line is found by arithmetic, so a million of them cost no more than a hundred. */
export function FixedLines(props: LinesProps) {
  const { count, get, numberOf, onRange, shifted, stuck, onStuck, target, isMarked } = props
  const isMarkedAt = (index: number) => {
    const line = get(index)
    return line !== undefined && isMarked(line)
  }
  const scroller = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  const height = useSize(scroller)
  const part = useWindow(count, kMostRows, stuck)
  const stick = useStick(onStuck)

  const first = Math.max(0, Math.min(Math.floor(top / kRowHeight), part.rows - 1))
  const from = part.from + Math.max(0, first - kOverscan)
  const to = part.from + Math.min(part.rows - 1, first + Math.ceil(height / kRowHeight) + kOverscan)
  useEffect(() => {
    if (count > 0) onRange(from, to)
  }, [from, to, count, onRange])

  useLayoutEffect(() => {
    const element = scroller.current
    if (!element || !stuck) return
    element.scrollTo({ top: element.scrollHeight })
  }, [stuck, count, height])

  const topBefore = useRef(0)
  useEffect(() => {
    topBefore.current = top
  }, [top])
  // The lines that are shown moved to other indexes.
  const shiftedBefore = useRef(shifted)
  useLayoutEffect(() => {
    const moved = shifted - shiftedBefore.current
    shiftedBefore.current = shifted
    const element = scroller.current
    if (moved === 0 || stuck || !element) return
    if (moved > 0) element.scrollBy({ top: moved * kRowHeight })
    // Where there are fewer lines than before, the browser has already moved up to what is now the last one.
    else element.scrollTo({ top: Math.max(0, topBefore.current + moved * kRowHeight) })
  }, [shifted, stuck])

  const done = useRef<object | null>(null)
  useLayoutEffect(() => {
    const element = scroller.current
    if (!element || !target || done.current === target || target.index >= count) return
    if (target.index < part.from || target.index >= part.from + part.rows) {
      part.move(target.index - kMostRows / 2)
      return
    }
    done.current = target
    element.scrollTo({ top: Math.max(0, (target.index - part.from) * kRowHeight - element.clientHeight / 2) })
  })

  // Half a part further, with what is in sight where it is.
  useEffect(() => {
    const element = scroller.current
    if (!element || stuck || count <= kMostRows) return
    const step = kMostRows / 2
    const by = first < 2000 && part.from > 0 ? -Math.min(step, part.from) : first > part.rows - 2000 && part.from + part.rows < count ? Math.min(step, count - part.from - part.rows) : 0
    if (by === 0) return
    part.move(part.from + by)
    element.scrollBy({ top: -by * kRowHeight })
  })

  const indexes = Array.from({ length: Math.max(0, to - from + 1) }, (_, offset) => from + offset)
  return (
    <div
      ref={scroller}
      className={classes.scroller}
      tabIndex={0}
      role="log"
      aria-label={props.label}
      aria-live="off"
      onScroll={(event) => {
        stick(event)
        setTop(event.currentTarget.scrollTop)
      }}
    >
      <div className={classes.spacer} style={{ height: part.rows * kRowHeight }}>
        {/* Of places beyond 16 million pixels only every other exists: the rows have theirs within a layer of their own. */}
        <div className={classes.layer} style={{ transform: `translateY(${(from - part.from) * kRowHeight}px)` }}>
          {indexes.map((index) => (
            <LogRow
              key={index - shifted}
              line={get(index)}
              number={numberOf ? numberOf(index) : null}
              marked={isMarkedAt(index)}
              names={props.names}
              times={props.times}
              wrap={false}
              style={{ top: (index - from) * kRowHeight }}
              onMark={props.onMark}
              onWhole={props.onWhole}
            />
          ))}
        </div>
      </div>
    </div>
  )
}

/** Lines as high as their text needs. */
export function WrappedLines(props: LinesProps) {
  const { count, get, numberOf, onRange, shifted, stuck, onStuck, target, isMarked } = props
  const isMarkedAt = (index: number) => {
    const line = get(index)
    return line !== undefined && isMarked(line)
  }
  const scroller = useRef<HTMLDivElement>(null)
  const part = useWindow(count, kMostWrapped, stuck)
  const stick = useStick(onStuck)
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing here is memoised
  const virtual = useVirtualizer({
    count: part.rows,
    getScrollElement: () => scroller.current,
    estimateSize: () => kRowHeight,
    overscan: kOverscan,
  })
  const items = virtual.getVirtualItems()
  const from = part.from + (items[0]?.index ?? 0)
  const to = part.from + (items.at(-1)?.index ?? 0)
  useEffect(() => {
    if (count > 0) onRange(from, to)
  }, [from, to, count, onRange])

  const total = virtual.getTotalSize()
  useLayoutEffect(() => {
    const element = scroller.current
    if (element && stuck) element.scrollTo({ top: element.scrollHeight })
  }, [stuck, count, total])

  const shiftedBefore = useRef(shifted)
  useLayoutEffect(() => {
    const moved = shifted - shiftedBefore.current
    shiftedBefore.current = shifted
    if (moved !== 0 && !stuck) virtual.scrollToIndex(Math.max(0, (virtual.range?.startIndex ?? 0) + moved), { align: 'start' })
  }, [shifted, stuck, virtual])

  const done = useRef<object | null>(null)
  useLayoutEffect(() => {
    if (!target || done.current === target || target.index >= count) return
    if (target.index < part.from || target.index >= part.from + part.rows) {
      part.move(target.index - kMostWrapped / 2)
      return
    }
    done.current = target
    virtual.scrollToIndex(target.index - part.from, { align: 'center' })
  })

  const firstSeen = items[0]?.index ?? 0
  const lastSeen = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (stuck || count <= kMostWrapped || items.length === 0) return
    const step = kMostWrapped / 2
    if (firstSeen < 200 && part.from > 0) {
      const by = Math.min(step, part.from)
      part.move(part.from - by)
      virtual.scrollToIndex(firstSeen + by, { align: 'start' })
    } else if (lastSeen > part.rows - 200 && part.from + part.rows < count) {
      const by = Math.min(step, count - part.from - part.rows)
      part.move(part.from + by)
      virtual.scrollToIndex(lastSeen - by, { align: 'end' })
    }
  })

  return (
    <div ref={scroller} className={classes.scroller} tabIndex={0} role="log" aria-label={props.label} aria-live="off" onScroll={stick}>
      <div className={classes.spacer} style={{ height: total }}>
        {items.map((item) => {
          const index = part.from + item.index
          return (
            <LogRow
              key={item.key}
              index={item.index}
              measure={virtual.measureElement}
              line={get(index)}
              number={numberOf ? numberOf(index) : null}
              marked={isMarkedAt(index)}
              names={props.names}
              times={props.times}
              wrap
              style={{ transform: `translateY(${item.start}px)` }}
              onMark={props.onMark}
              onWhole={props.onWhole}
            />
          )
        })}
      </div>
    </div>
  )
}
