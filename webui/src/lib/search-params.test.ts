import { describe, expect, it } from 'vitest'
import { given, oneIn, textIn } from './search-params'

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

  it('leaves out what is not set', () => expect(given({ a: undefined, b: '', c: 'x' })).toEqual({ c: 'x' }))
})
