import { describe, expect, it } from 'vitest'
import { cleaned, kShownChars, paletteColour, plainText, spansOf } from './ansi'

describe('a line of a log', () => {
  it('is shown in its colours', () => {
    expect(spansOf('\u001b[31mred\u001b[0m plain \u001b[1;92mgreen\u001b[0m')).toEqual([
      { text: 'red', className: 'ansi-red-fg' },
      { text: ' plain ' },
      { text: 'green', className: 'ansi-bright-green-fg ansi-bold' },
    ])
    expect(spansOf('\u001b[38;2;1;2;3mx')[0]).toEqual({ text: 'x', color: 'rgb(1, 2, 3)' })
    expect(spansOf('\u001b[48;5;27mx')[0]).toEqual({ text: 'x', background: 'rgb(0, 95, 255)' })
    expect(paletteColour(255)).toBe('rgb(238, 238, 238)')
  })

  it('stays a text, whatever is in it', () => {
    const text = '<script>alert(1)</script> <b>&amp;</b>'
    expect(spansOf(text)).toEqual([{ text }])
    expect(spansOf(`\u001b[31m${text}`)[0]!.text).toBe(text)
  })

  it('shows the last of a progress bar', () => {
    expect(cleaned('\r 1%\r 50%\r100%')).toBe('100%')
    expect(cleaned('100%\r')).toBe('100%')
    expect(cleaned('abc\b\b\bxyz')).toBe('xyz')
    expect(cleaned('\r\r')).toBe('')
  })

  it('has no control sequence left, and names for control characters', () => {
    expect(cleaned('\u001b]0;title\u0007after\u001b[2J\u001b[10;10Hcursor')).toBe('aftercursor')
    expect(cleaned('\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\')).toBe('link')
    expect(cleaned('bell\u0007 nul\u0000 del\u007f\ttab')).toBe('bell^G nul^@ del^?\ttab')
    expect(cleaned('\u001b')).toBe('')
    expect(plainText('\u001b[1;31mred\u001b[0m')).toBe('red')
  })

  it('of a megabyte is cut, quickly', () => {
    const spans = spansOf(`\u001b[31m${'x'.repeat(1_000_000)}`)
    expect(spans[0]!.text).toHaveLength(kShownChars)
    expect(spansOf('\u001b[31mx\u001b[0my'.repeat(100_000)).reduce((sum, span) => sum + span.text.length, 0)).toBeLessThanOrEqual(kShownChars)
  })
})
