export interface HistorySearch {
  task?: string
  /** Columns that are not shown. */
  hide?: string[]
}

/** From an address; whatever makes no sense is left out. */
export function historySearch(raw: Record<string, unknown>): HistorySearch {
  const task = typeof raw.task === 'number' ? String(raw.task) : raw.task
  // Said to be undefined and not left out: what is left out stays as it was in the address.
  return {
    task: typeof task === 'string' && task !== '' ? task.slice(0, 300) : undefined,
    hide: Array.isArray(raw.hide) ? raw.hide.filter((each): each is string => typeof each === 'string').slice(0, 30) : undefined,
  }
}
