export interface HistorySearch {
  task?: string
  /** Columns that are not shown. */
  hide?: string[]
}

/** From an address; whatever makes no sense is left out. */
export function historySearch(raw: Record<string, unknown>): HistorySearch {
  const search: HistorySearch = {}
  const task = typeof raw.task === 'number' ? String(raw.task) : raw.task
  if (typeof task === 'string' && task !== '') search.task = task.slice(0, 300)
  if (Array.isArray(raw.hide)) search.hide = raw.hide.filter((each): each is string => typeof each === 'string').slice(0, 30)
  return search
}
