/** What an address says about a view of logs. */
export interface LogSearch {
  /** "all", "job", or a replica's name. */
  replica?: string
  /** The line that is marked, and where the view opens. */
  line?: number
  grep?: string
  /** The search minds upper and lower case. */
  case?: boolean
  wrap?: boolean
  times?: boolean
}

const kLongest = 1000

/** From an address, which anybody may have written: whatever makes no sense is left out. */
export function logSearch(raw: Record<string, unknown>): LogSearch {
  const search: LogSearch = {}
  if (typeof raw.replica === 'string' && raw.replica !== '' && raw.replica.length <= kLongest) search.replica = raw.replica
  if (typeof raw.line === 'number' && Number.isSafeInteger(raw.line) && raw.line >= 1) search.line = raw.line
  const grep = typeof raw.grep === 'number' || typeof raw.grep === 'boolean' ? String(raw.grep) : raw.grep
  if (typeof grep === 'string' && grep !== '') search.grep = grep.slice(0, kLongest)
  if (raw.case === true) search.case = true
  if (raw.wrap === true) search.wrap = true
  if (raw.times === true) search.times = true
  return search
}
