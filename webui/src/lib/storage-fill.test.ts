import { describe, expect, it } from 'vitest'
import { fillLevel, fillShare, fillText, quotaText, usedText } from './storage-fill'

const at = '2026-03-01T12:00:00.000Z'
const gb = 10 ** 9

describe('how full a folder is', () => {
  it('says nothing of what was not measured', () => {
    expect(fillLevel({ bytes: 0, measured_at: null, quota_bytes: 1, full: false })).toBe('unknown')
    expect(usedText({ bytes: 0, complete: true, measured_at: null })).toBe('not measured yet')
  })
  it('warns from 90 % on, and is full when the server says so', () => {
    expect(fillLevel({ bytes: 89, measured_at: at, quota_bytes: 100, full: false })).toBe('fine')
    expect(fillLevel({ bytes: 90, measured_at: at, quota_bytes: 100, full: false })).toBe('nearly')
    expect(fillLevel({ bytes: 100, measured_at: at, quota_bytes: 100, full: true })).toBe('full')
    expect(fillLevel({ bytes: 10 ** 15, measured_at: at, quota_bytes: null, full: false })).toBe('fine')
  })
  it('is a part of its quota, or of the whole where there is none', () => {
    expect(fillShare({ bytes: 50, quota_bytes: 100 }, 1000)).toBe(0.5)
    expect(fillShare({ bytes: 500, quota_bytes: 100 }, 1000)).toBe(1)
    expect(fillShare({ bytes: 50, quota_bytes: null }, 1000)).toBe(0.05)
    expect(fillShare({ bytes: 50, quota_bytes: null }, 0)).toBe(0)
    expect(fillShare({ bytes: 0, quota_bytes: 0 }, 10)).toBe(1)
  })
  it('is said in words', () => {
    expect(fillText({ bytes: gb, complete: true, measured_at: at, quota_bytes: 2 * gb })).toBe('1 GB of 2 GB')
    expect(fillText({ bytes: gb, complete: false, measured_at: at, quota_bytes: null })).toBe('more than 1 GB')
    expect(quotaText({ quota_bytes: gb, quota_own: false })).toBe('1 GB (default)')
    expect(quotaText({ quota_bytes: null, quota_own: true })).toBe('no limit')
  })
})
