import type { Schemas } from '@/api/client'
import { counted } from '@/lib/quantity'

export type Borrowing = Schemas['Borrowing']

/** What a group's borrowing means, in sentences. `total` is what its pool has, `mates` the groups of the same cohort. */
export function borrowingSentences(borrowing: Borrowing | null, total: number, mates: readonly string[]): string[] {
  if (!borrowing) return ['It shares no GPUs with other groups: it has those of its pool, and nobody else uses them.']
  const own = Math.min(borrowing.nominal ?? total, total)
  const sentences = [
    mates.length === 0 ? `It would share GPUs within the cohort ${borrowing.cohort}, but no other group names it yet.` : `It shares GPUs with the groups of the cohort ${borrowing.cohort}: ${mates.join(', ')}.`,
    own === total
      ? `All ${counted(total, 'GPU')} of its pool are its own in any case.`
      : `${own} of the ${counted(total, 'GPU')} of its pool are its own in any case.`,
    borrowing.limit > 0
      ? `It may use up to ${counted(borrowing.limit, 'idle GPU')} of the cohort's other groups, as long as none of their own jobs waits for them.`
      : 'It lends only: it uses no GPUs of other groups.',
  ]
  sentences.push(
    borrowing.reclaim
      ? 'Its waiting jobs may take back what is lent: jobs of other groups that use its GPUs are stopped, go back to their queue, and begin anew later.'
      : 'What is lent comes back when the jobs that use it end; none is stopped for it.',
  )
  return sentences
}

/** What was typed, checked before it is sent; the server has the last word. */
export function borrowingFault(wish: { cohort: string; nominal: number | null; limit: number }): string | null {
  if (wish.cohort.trim() === '') return 'Name a cohort: groups that name the same one share.'
  if (wish.nominal !== null && (!Number.isInteger(wish.nominal) || wish.nominal < 0)) return 'The own GPUs are a number from 0.'
  if (!Number.isInteger(wish.limit) || wish.limit < 0) return 'What it may borrow is a number from 0.'
  return null
}
