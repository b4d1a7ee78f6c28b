import { messageOf } from '@/api/error'

export interface Outcome {
  done: number
  failed: { id: string; message: string }[]
}

const kTogether = 6

/** Does something to many jobs, a few at a time; one that cannot be done keeps none of the others from it. */
export async function forEach(ids: readonly string[], work: (id: string) => Promise<unknown>): Promise<Outcome> {
  const outcome: Outcome = { done: 0, failed: [] }
  const rest = [...ids]
  const worker = async () => {
    for (let id = rest.shift(); id !== undefined; id = rest.shift()) {
      try {
        await work(id)
        ++outcome.done
      } catch (error) {
        outcome.failed.push({ id, message: messageOf(error) })
      }
    }
  }
  await Promise.all(Array.from({ length: kTogether }, worker))
  return outcome
}
