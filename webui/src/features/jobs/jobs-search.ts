import type { JobState } from '@/api/client'
import { kJobStates } from '@/api/states'

export const kShows = ['all', 'owned', 'shared', 'everyone'] as const
export type Show = (typeof kShows)[number]

export const kOrders = ['newest', 'oldest'] as const
export type Order = (typeof kOrders)[number]

/** What an address says about a list of jobs; what it leaves out is not filtered. */
export interface JobsSearch {
  show?: Show
  text?: string
  states?: JobState[]
  live?: boolean
  task?: string
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

/** From an address, which anybody may have written: whatever makes no sense is left out. */
export function jobsSearch(raw: Record<string, unknown>): JobsSearch {
  const states = listOf(raw.states).filter((state): state is JobState => (kJobStates as string[]).includes(state))
  const search: JobsSearch = {
    show: wordOf(raw.show, kShows),
    text: textOf(raw.text),
    states: states.length > 0 ? states : undefined,
    live: raw.live === true ? true : undefined,
    task: textOf(raw.task),
    order: wordOf(raw.order, kOrders),
    hide: Array.isArray(raw.hide) ? listOf(raw.hide) : undefined,
  }
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as JobsSearch
}

/** Whether anything but the order and the columns is asked for. */
export function isFiltered(search: JobsSearch): boolean {
  return Boolean(search.text || search.states || search.live || search.task || (search.show && search.show !== 'all'))
}

/** What the server is asked, the same for the same list, whatever columns are shown. */
export function jobsFilter(search: JobsSearch, project?: string) {
  return {
    show: search.show,
    project,
    task: search.task,
    state: search.states?.join(','),
    live: search.live,
    text: search.text,
    order: search.order,
  }
}
export type JobsFilter = ReturnType<typeof jobsFilter>
