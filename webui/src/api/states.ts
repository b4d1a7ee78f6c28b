import type { JobState } from './client'

/** Colours say nothing alone: each state has its glyph and its word too. */
export type Tone = 'good' | 'bad' | 'busy' | 'waiting' | 'quiet'

interface Look {
  glyph: string
  tone: Tone
}

const kJobLooks: Record<JobState, Look> = {
  Queued: { glyph: '◌', tone: 'waiting' },
  'Waiting for GPUs': { glyph: '◔', tone: 'waiting' },
  Starting: { glyph: '◑', tone: 'busy' },
  Running: { glyph: '●', tone: 'busy' },
  Training: { glyph: '●', tone: 'busy' },
  Stopping: { glyph: '◐', tone: 'quiet' },
  Complete: { glyph: '✓', tone: 'good' },
  Error: { glyph: '✕', tone: 'bad' },
  Stopped: { glyph: '■', tone: 'quiet' },
}

export const kJobStates = Object.keys(kJobLooks) as JobState[]
export const kLiveStates: readonly JobState[] = ['Queued', 'Waiting for GPUs', 'Starting', 'Running', 'Training', 'Stopping']
export const kWaitingStates: readonly JobState[] = ['Queued', 'Waiting for GPUs']

export function hasEnded(state: JobState): boolean {
  return state === 'Complete' || state === 'Error' || state === 'Stopped'
}

export function isWaiting(state: JobState): boolean {
  return kWaitingStates.includes(state)
}

const kOtherLooks: Record<string, Look> = {
  Disabled: { glyph: '○', tone: 'quiet' },
  Paused: { glyph: '‖', tone: 'quiet' },
  Waiting: { glyph: '◌', tone: 'waiting' },
  ContainerCreating: { glyph: '◑', tone: 'busy' },
  Completed: { glyph: '✓', tone: 'good' },
  Terminating: { glyph: '◐', tone: 'quiet' },
  CrashLoopBackOff: { glyph: '✕', tone: 'bad' },
  Pending: { glyph: '◌', tone: 'waiting' },
  Preparing: { glyph: '◑', tone: 'busy' },
  Succeeded: { glyph: '✓', tone: 'good' },
  Failed: { glyph: '✕', tone: 'bad' },
  healthy: { glyph: '✓', tone: 'good' },
  unhealthy: { glyph: '✕', tone: 'bad' },
  degraded: { glyph: '▲', tone: 'waiting' },
  missing: { glyph: '✕', tone: 'bad' },
  limited: { glyph: '▲', tone: 'waiting' },
  good: { glyph: '✓', tone: 'good' },
}

/** Of a job's, replica's or device's state; words from a newer server get a plain look. */
export function lookOf(state: string): Look {
  return kJobLooks[state as JobState] ?? kOtherLooks[state] ?? { glyph: '○', tone: 'quiet' }
}
