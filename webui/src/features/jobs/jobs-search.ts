import type { JobState } from '@/api/client'
import { kJobStates } from '@/api/states'

export const kShows = ['all', 'owned', 'shared', 'everyone'] as const
export type Show = (typeof kShows)[number]

export const kOrders = ['newest', 'oldest', 'longest', 'shortest', 'name', 'state', 'owner', 'ended'] as const
export type Order = (typeof kOrders)[number]

/** What an address says about a list of jobs; what it leaves out is not filtered. */
export interface JobsSearch {
  show?: Show
  text?: string
  states?: JobState[]
  live?: boolean
  task?: string
  /** Only jobs with all of them. */
  tags?: string[]
  owner?: string
  /** Submitted then or later: a moment, or how long ago, such as "7d". */
  since?: string
  until?: string
  /** Ended then or later, in the same words. */
  ended?: string
  order?: Order
  /** Columns that are not shown; those that most people do not need unless said otherwise. */
  hide?: string[]
}

const kLongest = 500

function textOf(value: unknown): string | undefined {
  // The router reads numbers and words such as true out of an address.
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && value.trim() !== '' ? value.slice(0, kLongest) : undefined
}

function listOf(value: unknown): string[] {
  const list = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : []
  return [...new Set(list.filter((each): each is string => typeof each === 'string' && each !== ''))].slice(0, 50)
}

function wordOf<T extends string>(value: unknown, words: readonly T[]): T | undefined {
  return words.find((word) => word === value)
}

// "7d", or a moment as the server writes it.
function timeOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  if (/^\d{1,6}[smhdw]$/.test(value)) return value
  const moment = Date.parse(value)
  return Number.isNaN(moment) ? undefined : new Date(moment).toISOString()
}

/** From an address, which anybody may have written: whatever makes no sense is left out. */
export function jobsSearch(raw: Record<string, unknown>): JobsSearch {
  const states = listOf(raw.states).filter((state): state is JobState => (kJobStates as string[]).includes(state))
  const tags = listOf(raw.tags)
  // Said to be undefined and not left out: what is left out stays as it was in the address.
  return {
    show: wordOf(raw.show, kShows),
    text: textOf(raw.text),
    states: states.length > 0 ? states : undefined,
    live: raw.live === true ? true : undefined,
    task: textOf(raw.task),
    tags: tags.length > 0 ? tags : undefined,
    owner: textOf(raw.owner),
    since: timeOf(raw.since),
    until: timeOf(raw.until),
    ended: timeOf(raw.ended),
    order: wordOf(raw.order, kOrders),
    hide: Array.isArray(raw.hide) ? listOf(raw.hide) : undefined,
  }
}

/** Whether anything but the order and the columns is asked for. */
export function isFiltered(search: JobsSearch): boolean {
  return Boolean(search.text || search.states || search.live || search.task || search.tags || search.owner || search.since || search.until || search.ended || (search.show && search.show !== 'all'))
}

/** What the server is asked, the same for the same list, whatever columns are shown. */
export function jobsFilter(search: JobsSearch, project?: string) {
  return {
    show: search.show,
    project,
    task: search.task,
    tag: search.tags?.map((tag) => tag.replace(/[\\,]/g, '\\$&')).join(','),
    owner: search.owner,
    since: search.since,
    until: search.until,
    ended_since: search.ended,
    state: search.states?.join(','),
    live: search.live,
    text: search.text,
    order: search.order,
  }
}
export type JobsFilter = ReturnType<typeof jobsFilter>
