import type { MantineColorScheme, MantineColorSchemeManager } from '@mantine/core'
import { keep, readKept } from '@/lib/kept'

const kKey = 'pintle.theme'

function isScheme(text: string | null): text is MantineColorScheme {
  return text === 'light' || text === 'dark' || text === 'auto'
}

/** Keeps whether the page is light, dark or as the system; public/theme.js reads the same before anything is painted. */
export const colourSchemes: MantineColorSchemeManager = {
  get: (fallback) => {
    const kept = readKept(kKey)
    return isScheme(kept) ? kept : fallback
  },
  set: (value) => keep(kKey, value),
  subscribe: (onUpdate) => {
    const listener = (event: StorageEvent) => {
      if (event.key === kKey && isScheme(event.newValue)) onUpdate(event.newValue)
    }
    window.addEventListener('storage', listener)
    stop = () => window.removeEventListener('storage', listener)
  },
  unsubscribe: () => stop(),
  clear: () => keep(kKey, 'auto'),
}

let stop = () => {}
