import { describe, expect, it } from 'vitest'
import { askText, startText, type DryRun } from './forecast'

const kRun: DryRun = {
  starts_now: false,
  explanation: { code: 'gpus', reason: 'it needs 4 GPUs', gpus_missing: 2, position: 2, queue_length: 2, waits_for: [], blockers_in_all: 0, remedies: [], forecast: null },
  position: 2,
  nodes: [],
  pool: 'research',
  gpus: 4,
  gpus_free_in_pool: 1,
  replicas: 2,
  cpu_millis: 1500,
  memory_bytes: 2 ** 31,
}

describe('the forecast', () => {
  it('says when, and behind whom', () => {
    const now = new Date(2026, 1, 3, 14, 0).getTime()
    const at = (minute: number) => new Date(2026, 1, 3, 14, minute).toISOString()
    const text = startText({ ...kRun, explanation: { ...kRun.explanation, forecast: { median: at(21), high: at(50) } } }, now)
    expect(text).toMatch(/^Would start at about .*21.*, by .*50.* in 9 of 10 cases, behind 1 job$/)
    expect(startText(kRun, now)).toBe('Would wait, behind 1 job: it needs 4 GPUs')
    expect(startText({ ...kRun, starts_now: true }, now)).toBe('Would start now')
    expect(startText({ ...kRun, starts_now: true, nodes: ['gpu-1'] }, now)).toBe('Would start now on gpu-1')
    expect(startText({ ...kRun, starts_now: true, nodes: ['a', 'b'] }, now)).toBe('Would start now on a and b')
    expect(startText({ ...kRun, starts_now: true, nodes: ['a', 'b', 'c', 'd'] }, now)).toBe('Would start now on a, b and 2 more nodes')
  })

  it('says what is asked for', () => {
    expect(askText(kRun)).toBe('asks 4 GPUs (1 free), 1.5 CPU and 2 GiB for 2 replicas in research')
  })
})
