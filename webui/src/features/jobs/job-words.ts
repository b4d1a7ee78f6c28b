import type { Schemas } from '@/api/client'
import type { Job } from '@/api/jobs'
import { durationText } from '@/lib/time'

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(begun) ? begun : `${begun}.`
}

/** What became of a job, in one sentence; null while that is open. */
export function outcomeOf(job: Job): string | null {
  const after = job.duration_ms !== null ? ` after ${durationText(job.duration_ms)}` : ''
  if (job.state === 'Error') {
    const failed = job.replicas.find((replica) => replica.state === 'Failed')
    const why = job.reason ?? (failed ? `${failed.name} ended with exit code ${failed.exit_code ?? 'unknown'}` : 'it failed')
    const more = failed?.message && !why.includes(failed.message) ? ` ${sentence(failed.message)}` : ''
    return `Failed${after}: ${why.endsWith('.') ? why : `${why}.`}${more}`
  }
  if (job.state === 'Stopped') return job.reason ? `Stopped${after}: ${sentence(job.reason)}` : `Stopped${after}.`
  return null
}

/** Why a job waits and what would help, in sentences. */
export function waitingWords(explanation: Schemas['JobExplanation'], timeOf: (at: string) => string): string[] {
  const { waiting } = explanation
  if (!waiting) return []
  const words = [sentence(waiting.reason)]
  if (waiting.queue_length > 1) words.push(`It is number ${waiting.position} of ${waiting.queue_length} in its queue.`)
  const ends = waiting.waits_for.map((blocker) => `${blocker.name} (${blocker.gpus} ${blocker.gpus === 1 ? 'GPU' : 'GPUs'}${blocker.ends ? `, ends about ${timeOf(blocker.ends.median)}` : ''})`)
  if (ends.length > 0) words.push(`It waits for ${ends.join(', ')}${waiting.blockers_in_all > ends.length ? ` and ${waiting.blockers_in_all - ends.length} more` : ''}.`)
  if (waiting.forecast) {
    const { median, high } = waiting.forecast
    words.push(`Forecast: ${timeOf(median)}${timeOf(high) === timeOf(median) ? '' : `, or by ${timeOf(high)} in 9 of 10 cases`}.`)
  } else {
    words.push('There is no forecast.')
  }
  if (waiting.remedies.length > 0) words.push(`It would start now: ${waiting.remedies.map((remedy) => remedy.text).join(', or ')}.`)
  return words
}
