import { describe, expect, it } from 'vitest'
import { tightestLimit } from './tightest-limit'

const limit = (of: string, bytes: number, quota_bytes: number | null) => ({ of, bytes, files: 1, complete: true, measured_at: null, quota_bytes, quota_own: false, full: quota_bytes !== null && bytes >= quota_bytes })

describe('the quota that is told of a source', () => {
  it('is the one that is nearest to being reached', () => {
    expect(tightestLimit([limit('project', 10, 100), limit('group', 90, 100)])?.of).toBe('group')
    expect(tightestLimit([limit('project', 100, 100), limit('group', 900, 1000)])?.of).toBe('project')
  })
  it('is none where there is no limit', () => {
    expect(tightestLimit([limit('project', 10, null)])).toBeUndefined()
    expect(tightestLimit([])).toBeUndefined()
  })
})
