import { known, oneIn } from '@/lib/search-params'

export const kIntervals = ['10s', '30s', '1m', '5m', '10m', '30m', '1h'] as const
export const kPeriods = ['5m', '15m', '30m', '1h', '3h', '6h', '12h', '1d'] as const
export type Interval = (typeof kIntervals)[number]
export type Period = (typeof kPeriods)[number]
export const kDefaultPeriod: Period = '1h'

/** So many jobs or components are drawn in one chart; more could not be told apart. */
export const kMostChosen = 16
export const kStrongest = 0.99

/** How charts are drawn. */
export interface ChartSearch {
  /** Without one, as often as the job is sampled. */
  interval?: Interval
  details?: true
  smooth?: number
  x?: 'seconds'
  hide?: string[]
}

/** Everything that the tab shows is in its address. Without `jobs` and `components` it is the newest job. */
export interface MetricsSearch extends ChartSearch {
  jobs?: string[]
  components?: string[]
  period?: Period
}

function wordsIn(search: Record<string, unknown>, key: string, most: number): string[] | undefined {
  const value = search[key]
  if (!Array.isArray(value)) return undefined
  // The router reads a name such as 42 as a number.
  const words = value.filter((word) => typeof word === 'string' || typeof word === 'number').map(String)
  return [...new Set(words)].filter((word) => word !== '' && word.length <= 255).slice(0, most)
}

function smoothIn(search: Record<string, unknown>): number | undefined {
  const value = search.smooth
  return typeof value === 'number' && value > 0 && value <= kStrongest ? Math.round(value * 100) / 100 : undefined
}

export function chartSearch(search: Record<string, unknown>): ChartSearch {
  const hide = wordsIn(search, 'hide', 200)
  return known({
    interval: oneIn(search, 'interval', kIntervals),
    details: search.details === true ? (true as const) : undefined,
    smooth: smoothIn(search),
    x: oneIn(search, 'x', ['seconds'] as const),
    hide: hide?.length ? hide : undefined,
  })
}

export function metricsSearch(search: Record<string, unknown>): MetricsSearch {
  const components = wordsIn(search, 'components', kMostChosen)
  return known({
    ...chartSearch(search),
    jobs: components?.length ? undefined : wordsIn(search, 'jobs', kMostChosen),
    components: components?.length ? components : undefined,
    period: oneIn(search, 'period', kPeriods),
  })
}

/** With a word or without it. */
export function toggled(words: readonly string[], word: string): string[] {
  return words.includes(word) ? words.filter((each) => each !== word) : [...words, word]
}
