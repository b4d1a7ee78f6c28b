import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { ErrorPanel, Loading } from '@/ui/panel'
import { followLog, readLog } from './api'
import ansi from './ansi.module.css'
import { LineText } from './log-row'
import { MergedStore } from './merged-store'
import classes from './logs.module.css'

const kLines = 12

/** The last lines of all logs of a job, as they are written. */
export function LogTail({ job, live }: { job: string; live: boolean }) {
  const [store] = useState(() => new MergedStore())
  useSyncExternalStore(store.subscribe, store.snapshot)
  const [error, setError] = useState<unknown>(null)
  const [loaded, setLoaded] = useState(false)
  const [attempt, setAttempt] = useState(0)
  const host = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const gone = new AbortController()
    readLog(job, 'all', { tail: kLines }, gone.signal)
      .then((page) => {
        store.start(page, true)
        setLoaded(true)
        if (!live) return
        return followLog(job, 'all', store.end, { onLines: (lines) => store.follow(lines, true), onEnd: () => {}, onConnected: () => {}, onRefused: setError }, gone.signal)
      })
      .catch((fault: unknown) => gone.signal.aborted || setError(fault))
    return () => gone.abort()
  }, [job, live, store, attempt])
  useEffect(() => {
    host.current?.scrollTo({ top: host.current.scrollHeight })
  })
  if (error !== null) {
    return (
      <ErrorPanel
        error={error}
        what="The log could not be read"
        onRetry={() => {
          setError(null)
          setAttempt(attempt + 1)
        }}
      />
    )
  }
  if (!loaded) return <Loading rows={4} />
  const first = Math.max(0, store.size - kLines)
  if (store.size === 0) return <div className="dim" style={{ padding: 12 }}>Nothing was written yet.</div>
  return (
    <div ref={host} className={classes.tail} tabIndex={0} role="log" aria-live="off" aria-label="The last lines">
      {Array.from({ length: store.size - first }, (_, offset) => {
        const line = store.at(first + offset)!
        return (
          <div key={`${line.replica} ${line.line}`} className={`${ansi.line} ${line.replica === 'job' ? classes.own : ''}`} style={{ display: 'flex', padding: '0 12px', whiteSpace: 'pre' }}>
            <span className={classes.replica}>{line.replica}</span>
            <span className={classes.text}>
              <LineText text={line.text} />
            </span>
          </div>
        )
      })}
    </div>
  )
}
