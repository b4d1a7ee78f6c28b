import { describe, expect, it } from 'vitest'
import { durationText, relativeText } from './time'

describe('a duration in words', () => {
  it.each([
    [0, '0 s'],
    [40, '0.1 s'],
    [400, '0.4 s'],
    [12_900, '12 s'],
    [192_000, '3 min 12 s'],
    [180_000, '3 min'],
    [7_500_000, '2 h 5 min'],
    [4 * 86_400_000 + 7_300_000, '4 d 2 h'],
    [-5, '0 s'],
    [Number.NaN, '–'],
  ])('of %d ms is %s', (ms, text) => expect(durationText(ms)).toBe(text))
})

describe('a moment seen from now', () => {
  it.each([
    [0, 'just now'],
    [-30_000, '30 s ago'],
    [-12 * 60_000, '12 min ago'],
    [5 * 60_000, 'in 5 min'],
    [-26 * 3_600_000, '1 d ago'],
  ])('%d ms away is "%s"', (away, text) => expect(relativeText(1e12 + away, 1e12)).toBe(text))
})
