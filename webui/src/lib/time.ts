const kSecond = 1000
const kMinute = 60 * kSecond
const kHour = 60 * kMinute
const kDay = 24 * kHour

/** "0.4 s", "12 s", "3 min 12 s", "2 h 5 min", "4 d 2 h": two units at most. */
export function durationText(ms: number): string {
  if (!Number.isFinite(ms)) return '–'
  const span = Math.max(0, ms)
  if (span < 10 * kSecond) return span < kSecond && span > 0 ? `${Math.max(0.1, Math.round(span / 100) / 10)} s` : `${Math.floor(span / kSecond)} s`
  if (span < kMinute) return `${Math.floor(span / kSecond)} s`
  const pair = (big: number, bigName: string, small: number, smallName: string) => {
    const rest = Math.floor((span % big) / small)
    return `${Math.floor(span / big)} ${bigName}${rest > 0 ? ` ${rest} ${smallName}` : ''}`
  }
  if (span < kHour) return pair(kMinute, 'min', kSecond, 's')
  if (span < kDay) return pair(kHour, 'h', kMinute, 'min')
  return pair(kDay, 'd', kHour, 'h')
}

/** "just now", "12 min ago", "in 5 min", "3 d ago". */
export function relativeText(at: number, now: number): string {
  const span = Math.abs(now - at)
  if (span < 5 * kSecond) return 'just now'
  const words =
    span < kMinute
      ? `${Math.floor(span / kSecond)} s`
      : span < kHour
        ? `${Math.floor(span / kMinute)} min`
        : span < kDay
          ? `${Math.floor(span / kHour)} h`
          : `${Math.floor(span / kDay)} d`
  return at > now ? `in ${words}` : `${words} ago`
}

const exact = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
})
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' })

/** With date, seconds and time zone, for who wants it exactly. */
export function exactText(at: number): string {
  return exact.format(at)
}

/** "14:21" today, "Mon 3 Nov 14:21" on another day. */
export function clockText(at: number, now: number): string {
  const sameDay = new Date(at).toDateString() === new Date(now).toDateString()
  return sameDay ? clock.format(at) : `${day.format(at)} ${clock.format(at)}`
}
