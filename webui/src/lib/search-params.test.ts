import { describe, expect, it } from 'vitest'
import { given, momentIn, oneIn, textIn } from './search-params'

describe('what an address says', () => {
  it('is a text, also where it looks like a number', () => {
    expect(textIn({ user: 'ana' }, 'user')).toBe('ana')
    expect(textIn({ user: 42 }, 'user')).toBe('42')
  })

  it('is nothing where it makes no sense', () => {
    expect(textIn({ user: { evil: 1 } }, 'user')).toBeUndefined()
    expect(textIn({ user: '' }, 'user')).toBeUndefined()
    expect(oneIn({ role: 'root' }, 'role', ['operator'])).toBeUndefined()
    expect(oneIn({ role: ['operator'] }, 'role', ['operator'])).toBeUndefined()
    expect(oneIn({ role: 'operator' }, 'role', ['operator'])).toBe('operator')
  })

  it('is a moment only where there is such a moment', () => {
    expect(momentIn({ since: '2026-03-01T12:00:00Z' }, 'since')).toBe('2026-03-01T12:00:00.000Z')
    expect(momentIn({ since: 'yesterday-ish' }, 'since')).toBeUndefined()
    expect(momentIn({ since: '+275761-01-01' }, 'since')).toBeUndefined()
  })

  it('leaves out what is not set', () => expect(given({ a: undefined, b: '', c: 'x' })).toEqual({ c: 'x' }))
})
