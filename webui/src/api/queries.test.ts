import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Change, LiveEvent } from './live'
import { concerns, refetchOn } from './queries'

const change = (kind: Change['kind'], id: string): { kind: 'change'; change: Change } => ({
  kind: 'change',
  change: { sequence: 1, kind, id, project_id: 'p', state: null, deleted: false },
})

describe('what a change concerns', () => {
  it("is the job's own view and every list of jobs, but no other job", () => {
    const isConcerned = concerns([change('job', 'a')])
    expect(isConcerned(['job', 'a', 'events'])).toBe(true)
    expect(isConcerned(['jobs', { state: 'Error' }])).toBe(true)
    expect(isConcerned(['job', 'b'])).toBe(false)
    expect(isConcerned(['project', 'vision'])).toBe(false)
  })

  it('is everything after a reset, but what never changes', () => {
    const isConcerned = concerns([{ kind: 'reset' }, change('job', 'a')])
    expect(isConcerned(['session'])).toBe(true)
    expect(isConcerned(['job', 'b'])).toBe(true)
    expect(isConcerned(['static', 'schema'])).toBe(false)
  })

  it('is the cluster for what this version does not know', () => {
    expect(concerns([change('cluster', '')])(['cluster', 'pools'])).toBe(true)
    expect(concerns([change('cluster', '')])(['projects'])).toBe(false)
  })
})

describe('reading again', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function world(answerMs: number) {
    let asked = 0
    const client = new QueryClient()
    const read = () => {
      ++asked
      return new Promise((answer) => setTimeout(() => answer(asked), answerMs))
    }
    const unwatch = new QueryObserver(client, { queryKey: ['jobs', 'home'], queryFn: read, initialData: 0, staleTime: Infinity }).subscribe(() => {})
    let say: (event: LiveEvent) => void = () => {}
    const stop = refetchOn(client, (listener) => ((say = listener), () => {}))
    return { say: () => say(change('job', 'a')), asked: () => asked, end: () => (stop(), unwatch()) }
  }

  it('happens soon after a change, once for all that came with it', async () => {
    const { say, asked, end } = world(10)
    for (let i = 0; i < 100; ++i) say()
    await vi.advanceTimersByTimeAsync(320)
    expect(asked()).toBe(1)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(asked()).toBe(1)
    end()
  })

  it('happens every now and then in a storm, and once more after its last change', async () => {
    const { say, asked, end } = world(10)
    for (let at = 0; at < 15_000; at += 20) {
      say()
      await vi.advanceTimersByTimeAsync(20)
    }
    const during = asked()
    expect(during).toBeGreaterThanOrEqual(9)
    expect(during).toBeLessThanOrEqual(11)
    await vi.advanceTimersByTimeAsync(2000)
    expect(asked()).toBe(during + 1)
    end()
  })

  it('waits for slow answers and throws none of them away', async () => {
    const { say, asked, end } = world(5000)
    for (let at = 0; at < 15_000; at += 100) {
      say()
      await vi.advanceTimersByTimeAsync(100)
    }
    expect(asked()).toBe(3)
    end()
  })
})
