import { describe, expect, it } from 'vitest'
import type { Change } from './live'
import { concerns } from './queries'

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
