import { useSyncExternalStore } from 'react'
import { browserParts, Live, type LiveStatus } from '@/api/live'

/** The stream of changes of this tab. */
export const live = new Live(browserParts())

export const listen = live.listen.bind(live)

export function useLiveStatus(): LiveStatus {
  return useSyncExternalStore(
    (listener) => live.listen((event) => event.kind === 'status' && listener()),
    () => live.status,
  )
}
