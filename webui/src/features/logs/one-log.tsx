import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { followLog, readLog } from './api'
import type { Line } from './log-store'
import { LogStore } from './log-store'
import { LogFrame, type FrameProps } from './log-frame'

const kTail = 500
const kSettleMs = 40

type Props = Omit<FrameProps, 'lines' | 'loading' | 'error' | 'onRetry'> & { replica: string }

/** The log of one replica: opens at its end or at a line, reads what comes into sight, follows what is written. */
export function OneLog({ job, replica, live, ...rest }: Props) {
  const [store] = useState(() => new LogStore())
  const version = useSyncExternalStore(store.subscribe, store.snapshot)
  const [error, setError] = useState<unknown>(null)
  const [loaded, setLoaded] = useState(false)
  const [connected, setConnected] = useState(true)
  const [attempt, setAttempt] = useState(0)

  useEffect(() => {
    const gone = new AbortController()
    readLog(job, replica, { tail: kTail }, gone.signal).then(
      (page) => {
        store.add(page, null)
        setLoaded(true)
        setError(null)
      },
      (fault: unknown) => gone.signal.aborted || setError(fault),
    )
    return () => gone.abort()
  }, [job, replica, store, attempt])

  useEffect(() => {
    if (!live || !loaded) return
    const gone = new AbortController()
    void followLog(
      job,
      replica,
      null,
      {
        onLines: (lines) => store.follow(lines.map((each) => each.item)),
        onEnd: () => {},
        onConnected: setConnected,
        onRefused: setError,
      },
      gone.signal,
    )
    return () => gone.abort()
  }, [job, replica, live, loaded, store])

  const range = useRef({ from: 0, to: 0 })
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  const ask = useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = null
      // What lies a little further is read before it comes into sight.
      const margin = range.current.to - range.current.from
      const start = store.missing(store.first + range.current.from - margin, store.first + range.current.to + margin)
      if (start === null) return
      store.asking(start)
      readLog(job, replica, { from_line: start }).then(
        (page) => {
          store.add(page, start)
          ask()
        },
        (fault: unknown) => {
          store.failed(start)
          setError(fault)
        },
      )
    }, kSettleMs)
  }, [job, replica, store])
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current)
      timer.current = null
    },
    [],
  )
  const onRange = useCallback(
    (from: number, to: number) => {
      range.current = { from, to }
      ask()
    },
    [ask],
  )

  const { first, last } = store
  const lines = useMemo(
    () => ({
      version,
      count: Math.max(0, last - first + 1),
      get: (index: number): Line | undefined => store.get(first + index),
      numberOf: (index: number) => first + index,
      indexOf: (line: number) => (line < first ? 0 : Math.min(line, last) - first),
      shifted: -first,
      onRange,
    }),
    [store, version, first, last, onRange],
  )
  return (
    <LogFrame
      {...rest}
      job={job}
      replica={replica}
      live={live}
      connected={connected}
      lines={lines}
      loading={!loaded}
      error={error}
      onRetry={() => {
        setError(null)
        if (loaded) ask()
        else setAttempt(attempt + 1)
      }}
    />
  )
}
