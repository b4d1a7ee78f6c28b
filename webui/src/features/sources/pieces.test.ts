import { describe, expect, it } from 'vitest'
import { ApiError } from '@/api/error'
import { fingerprintOf, isPassing, kPieceFirst, nextPieceSize, pauseAfter, rightOffset } from './pieces'

describe('pieces of an upload', () => {
  it('grow on fast lines and shrink on slow ones, within limits', () => {
    expect(nextPieceSize(kPieceFirst, 10)).toBe(2 * kPieceFirst)
    expect(nextPieceSize(8 * kPieceFirst, 10)).toBe(8 * kPieceFirst)
    expect(nextPieceSize(kPieceFirst, 5000)).toBe(kPieceFirst)
    expect(nextPieceSize(kPieceFirst, 20_000)).toBe(kPieceFirst / 2)
    expect(nextPieceSize(64 * 1024, Infinity)).toBe(64 * 1024)
  })
  it('are tried again later each time, but not later than ten seconds', () => {
    expect([1, 2, 3, 9].map(pauseAfter)).toEqual([500, 1000, 2000, 10_000])
  })
  it('go on where the server says', () => {
    const wrong = new ApiError(409, 'conflict', 'wrong', [{ path: 'offset', message: '4096', line: null, column: null }])
    expect(rightOffset(wrong)).toBe(4096)
    expect(rightOffset(new ApiError(409, 'conflict', 'a folder is there'))).toBeNull()
    expect(rightOffset(new Error('x'))).toBeNull()
  })
  it('are sent again where that may help', () => {
    expect(isPassing(new ApiError(0, 'unreachable', ''))).toBe(true)
    expect(isPassing(new ApiError(503, 'unavailable', ''))).toBe(true)
    expect(isPassing(new ApiError(507, 'exhausted', ''))).toBe(false)
    expect(isPassing(new ApiError(409, 'conflict', ''))).toBe(false)
    expect(isPassing(new TypeError('x'))).toBe(false)
  })
  it('belong to the same file by its size and time', () => {
    expect(fingerprintOf({ size: 5, lastModified: 7 })).toBe('5-7')
  })
})
