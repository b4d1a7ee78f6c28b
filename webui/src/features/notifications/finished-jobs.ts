import type { JobState } from '@/api/client'
import type { JobShort } from '@/api/jobs'
import { hasEnded } from '@/api/states'

/** A job of one's own that has ended. */
export interface Finished {
  job: string
  name: string
  state: JobState
  reason: string | null
  at: string
  seen: boolean
}

export const kMost = 50

/** The list with one more, the newest first, each job once. */
export function withFinished(list: readonly Finished[], finished: Finished): Finished[] {
  return [finished, ...list.filter((each) => each.job !== finished.job)].slice(0, kMost)
}

/** The list with those of the jobs that were told to have ended, if they are somebody's own; the same list if it has them all. */
export function withJobs(list: readonly Finished[], user: string, told: ReadonlySet<string>, jobs: readonly JobShort[]): readonly Finished[] {
  const news = jobs.filter((job) => told.has(job.id) && job.owner === user && hasEnded(job.state) && !list.some((each) => each.job === job.id && each.at === job.ended_at))
  // The last to end comes first, so it is put on top last.
  return news.reduceRight<readonly Finished[]>((rest, job) => withFinished(rest, { job: job.id, name: job.name, state: job.state, reason: job.reason, at: job.ended_at ?? '', seen: false }), list)
}

export function unseen(list: readonly Finished[]): number {
  return list.filter((each) => !each.seen).length
}

/** What was kept in the browser; anything else that is found there is nothing. */
export function readFinished(text: string | null): Finished[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]')
    if (!Array.isArray(value)) return []
    return value.filter((each): each is Finished => typeof each === 'object' && each !== null && typeof (each as Finished).job === 'string' && typeof (each as Finished).name === 'string').slice(0, kMost)
  } catch {
    return []
  }
}
