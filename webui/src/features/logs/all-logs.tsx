import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { ApiError } from '@/api/error'
import { followLog, readLog } from './api'
import { LogFrame, type FrameProps } from './log-frame'
import { MergedStore } from './merged-store'

const kTail = 1000
const kNear = 300

type Props = Omit<FrameProps, 'lines' | 'loading' | 'error' | 'onRetry' | 'replica' | 'atEnd' | 'onEnd'>

/**
 * All logs of a job in the order of time: opens at the end, or at the line that the address names, and reads on in both
 * directions as one scrolls, however long they are.
 */
export function AllLogs({ job, live, stuck, onStuck, search, ...rest }: Props) {
  const [store] = useState(() => new MergedStore())
  const version = useSyncExternalStore(store.subscribe, store.snapshot)
  const [error, setError] = useState<unknown>(null)
  const [loaded, setLoaded] = useState(false)
  const [connected, setConnected] = useState(true)
  const [attempt, setAttempt] = useState(0)
  const mayTrim = useRef(stuck)
  const stick = useRef(onStuck)
  useEffect(() => {
    mayTrim.current = stuck
    stick.current = onStuck
  })

  const loadedOnce = useRef(false)
  const marked = search.of !== undefined && search.line !== undefined ? `${search.of}:${search.line}` : null
  const { of, line } = search
  useEffect(() => {
    // What is here already is gone to without reading.
    if (loadedOnce.current && (marked === null || store.indexOf(of ?? '', line ?? 0) >= 0)) return
    const gone = new AbortController()
    const tail = () => readLog(job, 'all', { tail: kTail }, gone.signal).then((page) => store.start(page, true))
    const around = () =>
      readLog(job, 'all', { around: marked ?? '' }, gone.signal).then(
        (page) => store.start(page, page.complete),
        // An address of a line that is not there leads to the end.
        (fault: unknown) => (fault instanceof ApiError && (fault.isMissing || fault.status === 400) ? tail().then(() => stick.current(true)) : Promise.reject(fault)),
      )
    ;(marked === null ? tail() : around()).then(
      () => {
        loadedOnce.current = true
        setLoaded(true)
        setError(null)
      },
      (fault: unknown) => gone.signal.aborted || setError(fault),
    )
    return () => gone.abort()
  }, [job, store, attempt, marked, of, line])

  const { atEnd, epoch } = store
  useEffect(() => {
    if (!live || !loaded || !atEnd) return
    const gone = new AbortController()
    void followLog(
      job,
      'all',
      store.end,
      {
        onLines: (lines) => store.follow(lines, mayTrim.current),
        onEnd: () => {},
        onConnected: setConnected,
        onRefused: setError,
      },
      gone.signal,
    )
    return () => gone.abort()
  }, [job, live, loaded, store, atEnd, epoch])

  const reading = useRef(false)
  const readMore = useCallback(
    (forward: boolean) => {
      const cursor = forward ? store.end : store.before
      if (reading.current || cursor === null || (forward && store.atEnd)) return
      reading.current = true
      const epochNow = store.epoch
      readLog(job, 'all', forward ? { cursor } : { before_cursor: cursor })
        .then(
          (page) => {
            if (store.epoch !== epochNow) return
            if (forward && store.end === cursor) store.append(page)
            if (!forward && store.before === cursor) store.prepend(page)
          },
          (fault: unknown) => setError(fault),
        )
        .finally(() => {
          reading.current = false
        })
    },
    [job, store],
  )
  const range = useRef<[number, number]>([0, 0])
  const onRange = useCallback(
    (from: number, to: number) => {
      range.current = [from, to]
      if (from < kNear) readMore(false)
      if (to > store.size - kNear) readMore(true)
    },
    [readMore, store],
  )
  // A page that came may leave an end of the log in sight.
  useEffect(() => {
    if (loaded) onRange(...range.current)
  }, [version, loaded, onRange])

  const toEnd = () => {
    if (store.atEnd) return onStuck(true)
    readLog(job, 'all', { tail: kTail }).then(
      (page) => {
        store.start(page, true)
        onStuck(true)
      },
      (fault: unknown) => setError(fault),
    )
  }

  const lines = useMemo(
    () => ({
      version,
      count: store.size,
      get: (index: number) => store.at(index),
      numberOf: null,
      indexOf: (wanted: number, replica?: string) => store.indexOf(replica ?? '', wanted),
      shifted: store.shifted,
      epoch,
      onRange,
    }),
    [store, version, epoch, onRange],
  )
  return (
    <LogFrame
      {...rest}
      job={job}
      replica="all"
      live={live}
      search={search}
      stuck={stuck && atEnd}
      // The end of what is here is not the end of the logs.
      onStuck={(next) => (!next || store.atEnd) && onStuck(next)}
      onEnd={toEnd}
      connected={connected}
      lines={lines}
      loading={!loaded}
      error={error}
      onRetry={() => {
        setError(null)
        if (loaded) onRange(...range.current)
        else setAttempt(attempt + 1)
      }}
    />
  )
}
