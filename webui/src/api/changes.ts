import { createContext, useContext, useEffect, useRef } from 'react'
import type { LiveEvent } from './live'

type Listen = (listener: (event: LiveEvent) => void) => () => void

/** The stream of changes, for the views that keep their own queries up to date (`meta: { live: 'own' }`). */
export const ChangesContext = createContext<Listen>(() => () => {})

/** Calls back on every event of the stream while the component is shown. */
export function useChanges(onEvent: (event: LiveEvent) => void) {
  const listen = useContext(ChangesContext)
  const latest = useRef(onEvent)
  useEffect(() => {
    latest.current = onEvent
  })
  useEffect(() => listen((event) => latest.current(event)), [listen])
}
