export interface CompareSearch {
  jobs: string[]
  /** Also what is the same in all of them. */
  all?: boolean
}

export const kMostCompared = 8

/** From an address; at most eight jobs, each once. */
export function compareSearch(raw: Record<string, unknown>): CompareSearch {
  const list = Array.isArray(raw.jobs) ? raw.jobs : typeof raw.jobs === 'string' ? raw.jobs.split(',') : []
  const jobs = [...new Set(list.filter((each): each is string => typeof each === 'string' && each !== '' && each.length <= 600))].slice(0, kMostCompared)
  return { jobs, all: raw.all === true ? true : undefined }
}
