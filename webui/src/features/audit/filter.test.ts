import { describe, expect, it } from 'vitest'
import { keyed, localField, momentOf, placeOf, sinceOf } from './filter'

const now = Date.parse('2026-03-02T12:00:00Z')

describe('the time range of the audit log', () => {
  it('counts back from now', () => {
    expect(sinceOf({ span: '24h' }, now)).toBe('2026-03-01T12:00:00.000Z')
    expect(sinceOf({}, now)).toBeUndefined()
  })

  it('begins at the moment that was given, if one was', () => {
    expect(sinceOf({ span: '1h', since: '2026-01-01T00:00:00Z' }, now)).toBe('2026-01-01T00:00:00Z')
  })

  it('goes through a field for local time and back', () => {
    const moment = '2026-03-01T13:05:00.000Z'
    expect(momentOf(localField(moment))).toBe(moment)
    expect(localField(undefined)).toBe('')
    expect(momentOf('')).toBeUndefined()
    expect(momentOf('soon')).toBeUndefined()
  })
})

it('what something was done to is a link where there is a page of it', () => {
  expect(placeOf('user.onboard', 'ana')).toEqual({ to: '/operator/users', search: { user: 'ana' } })
  expect(placeOf('pool.delete', 'spare')).toBeNull()
  expect(placeOf('job.submit', 'a/b:1')).toBeNull()
  expect(placeOf('group.edit', '')).toBeNull()
})

it('entries that are alike have keys of their own, which stay when newer ones come', () => {
  const entry = { at: 't', actor: 'ana', action: 'job.stop', subject: 'a/b:1' }
  const before = keyed([entry, entry])
  expect(new Set(before.map((each) => each.key)).size).toBe(2)
  expect(keyed([{ ...entry, at: 'u' }, entry, entry]).slice(1)).toEqual(before)
})
