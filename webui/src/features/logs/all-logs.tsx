import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { followLog, readLog } from './api'
import { LogFrame, type FrameProps } from './log-frame'
import { MergedStore } from './merged-store'

const kTail = 1000
const kNear = 300

type Props = Omit<FrameProps, 'lines' | 'loading' | 'error' | 'onRetry' | 'replica'>

/** All logs of a job in the order of time: opens at the end, reads towards the beginning as one scrolls up. */
export function AllLogs({ job, live, stuck, ...rest }: Props) {
  const [store] = useState(() => new MergedStore())
  const version = useSyncExternalStore(store.subscribe, store.snapshot)
  const [error, setError] = useState<unknown>(null)
  const [loaded, setLoaded] = useState(false)
  const [connected, setConnected] = useState(true)
  const [attempt, setAttempt] = useState(0)
  const mayTrim = useRef(stuck)
  useEffect(() => {
    mayTrim.current = stuck
  })

  useEffect(() => {
    const gone = new AbortController()
    readLog(job, 'all', { tail: kTail }, gone.signal).then(
      (page) => {
        store.start(page)
        setLoaded(true)
        setError(null)
      },
      (fault: unknown) => gone.signal.aborted || setError(fault),
    )
    return () => gone.abort()
  }, [job, store, attempt])

  useEffect(() => {
    if (!live || !loaded) return
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
  }, [job, live, loaded, store])

  const reading = useRef(false)
  const readBefore = useCallback(() => {
    const cursor = store.before
    if (reading.current || cursor === null || store.isFull) return
    reading.current = true
    readLog(job, 'all', { before_cursor: cursor })
      .then(
        (page) => {
          if (store.before === cursor) store.prepend(page)
        },
        (fault: unknown) => setError(fault),
      )
      .finally(() => {
        reading.current = false
      })
  }, [job, store])
  const onRange = useCallback(
    (from: number) => {
      if (from < kNear) readBefore()
    },
    [readBefore],
  )

  const lines = useMemo(
    () => ({ version, count: store.size, get: (index: number) => store.at(index), numberOf: null, indexOf: () => 0, shifted: store.shifted, onRange }),
    [store, version, onRange],
  )
  return (
    <LogFrame
      {...rest}
      job={job}
      replica="all"
      live={live}
      stuck={stuck}
      connected={connected}
      lines={lines}
      loading={!loaded}
      error={error}
      onRetry={() => {
        setError(null)
        if (loaded) readBefore()
        else setAttempt(attempt + 1)
      }}
    />
  )
}
