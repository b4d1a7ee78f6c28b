import type { LinkProps } from '@tanstack/react-router'

export type Span = '1h' | '24h' | '7d' | '30d'

export interface AuditFilter {
  actor?: string
  action?: string
  subject?: string
  span?: Span
  since?: string
  until?: string
}

const kHour = 3_600_000
const kSpans: Record<Span, number> = { '1h': kHour, '24h': 24 * kHour, '7d': 7 * 24 * kHour, '30d': 30 * 24 * kHour }

export const kSpanWords: { value: Span; label: string }[] = [
  { value: '1h', label: 'Last hour' },
  { value: '24h', label: 'Last day' },
  { value: '7d', label: 'Last week' },
  { value: '30d', label: 'Last 30 days' },
]

/** From when on: a moment that was given comes before the span, which is counted from now. */
export function sinceOf(filter: AuditFilter, now: number): string | undefined {
  if (filter.since) return filter.since
  return filter.span ? new Date(now - kSpans[filter.span]).toISOString() : undefined
}

/** What a field for a local time shows of a moment: "2026-03-01T13:00". */
export function localField(moment: string | undefined): string {
  if (!moment) return ''
  const at = new Date(moment)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`
}

/** The moment that somebody means by a local time. */
export function momentOf(field: string): string | undefined {
  const at = field === '' ? Number.NaN : Date.parse(field)
  return Number.isNaN(at) ? undefined : new Date(at).toISOString()
}

/** Where the thing is that something was done to; what is gone has no place. */
export function placeOf(action: string, subject: string): LinkProps | null {
  if (subject === '' || action.endsWith('.delete')) return null
  const kind = action.split('.')[0]
  if (kind === 'user') return { to: '/operator/users', search: { user: subject } }
  if (kind === 'group') return { to: '/operator/groups', search: { group: subject } }
  if (kind === 'pool') return { to: '/operator/pools', search: { pool: subject } }
  return null
}

/** Entries with a key each: two of the same moment may be alike in everything. */
export function keyed<T extends { at: string; actor: string; action: string; subject: string }>(entries: readonly T[]): (T & { key: string })[] {
  const seen = new Map<string, number>()
  // Counted from the oldest, so that a newer one changes no key.
  return [...entries]
    .reverse()
    .map((entry) => {
      const name = `${entry.at} ${entry.actor} ${entry.action} ${entry.subject}`
      const count = seen.get(name) ?? 0
      seen.set(name, count + 1)
      return { ...entry, key: `${name} ${count}` }
    })
    .reverse()
}
