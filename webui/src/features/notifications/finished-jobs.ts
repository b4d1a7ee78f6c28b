import type { JobState } from '@/api/client'

/** A job of one's own that has ended. */
export interface Finished {
  job: string
  name: string
  state: JobState
  reason: string | null
  at: string
  seen: boolean
}

const kMost = 50

/** The list with one more, the newest first, each job once. */
export function withFinished(list: readonly Finished[], finished: Finished): Finished[] {
  return [finished, ...list.filter((each) => each.job !== finished.job)].slice(0, kMost)
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
