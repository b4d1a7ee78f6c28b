import type { Schemas } from '@/api/client'

export type JobEvent = Schemas['JobEvent']

/** A time that a job spent in one state; without `to` it is in it now. */
export interface Phase {
  state: string
  from: string
  to: string | null
  /** Why, where an event says so. */
  text: string
}

const kNext: Record<string, string> = {
  submitted: 'Queued',
  gpus_awaited: 'Waiting for GPUs',
  held: 'Held',
  released: 'Queued',
  requeued: 'Queued',
  regrouped: 'Queued',
  admitted: 'Starting',
  replica_started: 'Running',
  end_begun: 'Stopping',
}

/** What states a job went through, from its events. */
export function phasesOf(events: readonly JobEvent[]): Phase[] {
  const phases: Phase[] = []
  for (const event of events) {
    const last = phases.at(-1)
    if (event.kind === 'ended') {
      if (last) last.to = event.at
      break
    }
    const state = kNext[event.kind]
    if (!state || last?.state === state) continue
    // A replica that starts while others are ended does not make the job run again.
    if (state === 'Running' && last?.state !== 'Starting') continue
    if (last) last.to = event.at
    phases.push({ state, from: event.at, to: null, text: event.text })
  }
  return phases
}

/** How wide each phase is drawn, in per cent: by its length, but none so short that it cannot be seen. */
export function sharesOf(phases: readonly Phase[], now: number): number[] {
  const lengths = phases.map((phase) => Math.max(0, (phase.to ? Date.parse(phase.to) : now) - Date.parse(phase.from)))
  const total = lengths.reduce((sum, length) => sum + length, 0)
  const least = Math.min(6, 100 / Math.max(1, phases.length))
  const raw = lengths.map((length) => (total > 0 ? Math.max(least, (length / total) * 100) : 100 / phases.length))
  const sum = raw.reduce((all, share) => all + share, 0)
  return raw.map((share) => (share / sum) * 100)
}
