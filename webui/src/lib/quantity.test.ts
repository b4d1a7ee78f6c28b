import { describe, expect, it } from 'vitest'
import { bytesText, coresText, counted, fileSizeText, valueText } from './quantity'

describe('quantities', () => {
  it('are told in units that people read', () => {
    expect(bytesText(0)).toBe('0 B')
    expect(bytesText(1023)).toBe('1023 B')
    expect(bytesText(1536 * 1024 * 1024)).toBe('1.5 GiB')
    expect(bytesText(-1)).toBe('0 B')
    expect(fileSizeText(999)).toBe('999 B')
    expect(fileSizeText(10_000_000)).toBe('10 MB')
    expect(fileSizeText(2_000_000_000_000)).toBe('2 TB')
    expect(coresText(500)).toBe('0.5')
    expect(coresText(2000)).toBe('2')
  })

  it('are counted with the right word', () => {
    expect(counted(1, 'job')).toBe('1 job')
    expect(counted(12_000, 'job')).toBe('12,000 jobs')
    expect(counted(0, 'entry', 'entries')).toBe('0 entries')
  })

  it('of results keep four digits', () => {
    expect(valueText(0.967777)).toBe('0.9678')
    expect(valueText(12)).toBe('12')
    expect(valueText('a/b')).toBe('a/b')
    expect(valueText(true)).toBe('true')
  })
})
