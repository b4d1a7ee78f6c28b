import { useSyncExternalStore } from 'react'
import { clockText, durationText, exactText, relativeText } from '@/lib/time'

// One clock for everything that ticks, so that all of it ticks together; it stops when nobody looks.
let now = Date.now()
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | null = null

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  if (timer === null) now = Date.now()
  timer ??= setInterval(() => {
    now = Date.now()
    for (const each of listeners) each()
  }, 1000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0 || timer === null) return
    clearInterval(timer)
    timer = null
  }
}

/** The time, new every second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now)
}

interface AtProps {
  at: string | null | undefined
}

/** "12 min ago", with the exact time on hover. */
export function TimeAgo({ at }: AtProps) {
  const current = useNow()
  if (!at) return <span className="dim">–</span>
  const moment = Date.parse(at)
  return (
    <time dateTime={at} title={exactText(moment)}>
      {relativeText(moment, current)}
    </time>
  )
}

/** "14:21", with the exact time on hover. */
export function ClockTime({ at }: AtProps) {
  const current = useNow()
  if (!at) return <span className="dim">–</span>
  const moment = Date.parse(at)
  return (
    <time dateTime={at} title={exactText(moment)}>
      {clockText(moment, current)}
    </time>
  )
}

interface SpanProps {
  from: string | null | undefined
  /** Still going on while there is none. */
  to: string | null | undefined
}

/** How long something took, or takes by now. */
export function Elapsed({ from, to }: SpanProps) {
  return from && !to ? <Ticking from={from} /> : <>{from && to ? durationText(Date.parse(to) - Date.parse(from)) : '–'}</>
}

function Ticking({ from }: { from: string }) {
  const current = useNow()
  return <>{durationText(current - Date.parse(from))}</>
}
