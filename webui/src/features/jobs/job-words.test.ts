import { describe, expect, it } from 'vitest'
import type { Schemas } from '@/api/client'
import type { Job } from '@/api/jobs'
import { outcomeOf, waitingWords } from './job-words'

const job = (more: Partial<Job>) => ({ state: 'Running', reason: null, duration_ms: 3200, replicas: [], ...more }) as unknown as Job

describe('what became of a job', () => {
  it('is one sentence', () => {
    expect(outcomeOf(job({ state: 'Error', reason: 'worker-1 ended with exit code 3' }))).toBe('Failed after 3 s: worker-1 ended with exit code 3.')
    expect(outcomeOf(job({ state: 'Stopped', reason: 'stop asked for by ana', duration_ms: null }))).toBe('Stopped: Stop asked for by ana.')
    expect(outcomeOf(job({ state: 'Running' }))).toBeNull()
  })

  it('names what the replica says beside its exit code', () => {
    const replicas = [{ state: 'Failed', name: 'worker-0', exit_code: 137, message: 'it used more memory than its limit' }] as Job['replicas']
    expect(outcomeOf(job({ state: 'Error', replicas }))).toBe('Failed after 3 s: worker-0 ended with exit code 137. It used more memory than its limit.')
  })
})

it('says why a job waits, for whom, until when and what would help', () => {
  const explanation = {
    waiting: {
      reason: 'it needs 4 GPUs and 1 of 4 is free',
      position: 2,
      queue_length: 3,
      waits_for: [{ name: 'vision/train:6', gpus: 3, ends: { median: 'a', high: 'b' } }],
      blockers_in_all: 2,
      remedies: [{ text: 'with 1 GPU' }, { text: 'with --now' }],
      forecast: { median: 'm', high: 'h' },
    },
  } as unknown as Schemas['JobExplanation']
  expect(waitingWords(explanation, (at) => at)).toEqual([
    'It needs 4 GPUs and 1 of 4 is free.',
    'It is number 2 of 3 in its queue.',
    'It waits for vision/train:6 (3 GPUs, ends about a) and 1 more.',
    'Forecast: m, or by h in 9 of 10 cases.',
    'It would start now: with 1 GPU, or with --now.',
  ])
})
