type Search = Record<string, unknown>

/** A text of the address, or nothing where it is missing or something else. */
export function textIn(search: Search, key: string): string | undefined {
  const value = search[key]
  // The router reads ?user=42 as a number; a name may well be one.
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** One of the words that are known there; anything else is as if it were missing. */
export function oneIn<const T extends string>(search: Search, key: string, words: readonly T[]): T | undefined {
  const value = search[key]
  return words.find((word) => word === value)
}

/** A moment, as "2026-03-01T12:00:00.000Z". */
export function momentIn(search: Search, key: string): string | undefined {
  const text = textIn(search, key)
  const moment = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(moment) ? undefined : new Date(moment).toISOString()
}

/** Without what is not set, so that addresses stay short. */
export function given<T extends Search>(search: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined && value !== '')) as { [K in keyof T]?: NonNullable<T[K]> }
}

/**
 * For validateSearch: every key that a page knows, with `undefined` for what is missing or makes no sense. A key that is
 * left out would keep what the address said, however little sense that makes.
 */
export function known<T extends Search>(search: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return search as { [K in keyof T]?: NonNullable<T[K]> }
}
