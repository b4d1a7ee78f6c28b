/** What an address says about a view of logs. */
export interface LogSearch {
  /** "all", "job", or a replica's name. */
  replica?: string
  /** The line that is marked, and where the view opens. */
  line?: number
  /** Of all logs together: which of them the line belongs to. */
  of?: string
  grep?: string
  /** The search minds upper and lower case. */
  case?: boolean
  wrap?: boolean
  times?: boolean
}

const kLongest = 1000

/** From an address, which anybody may have written: whatever makes no sense is left out. */
export function logSearch(raw: Record<string, unknown>): LogSearch {
  const grep = typeof raw.grep === 'number' || typeof raw.grep === 'boolean' ? String(raw.grep) : raw.grep
  const on = (value: unknown) => (value === true ? true : undefined)
  // Said to be undefined and not left out: what is left out stays as it was in the address.
  const name = (value: unknown) => (typeof value === 'string' && value !== '' && value.length <= kLongest ? value : undefined)
  return {
    replica: name(raw.replica),
    of: name(raw.of),
    line: typeof raw.line === 'number' && Number.isSafeInteger(raw.line) && raw.line >= 1 ? raw.line : undefined,
    grep: typeof grep === 'string' && grep !== '' ? grep.slice(0, kLongest) : undefined,
    case: on(raw.case),
    wrap: on(raw.wrap),
    times: on(raw.times),
  }
}
