import { describe, expect, it } from 'vitest'
import type { Account } from './api'
import { draftOf, editOf, kindOf, kKinds, kNothing, missingIn, newAccountOf } from './kinds'

const kAccount: Account = {
  id: 'A1',
  name: 'github',
  kind: 'git_token',
  owner: { id: 'U1', name: 'ana' },
  group: null,
  server: 'github.com',
  user: 'git',
  fingerprint: null,
  known_hosts: null,
  fault: null,
  may_edit: true,
  created_at: '2026-03-01T11:57:00Z',
  updated_at: '2026-03-01T11:57:00Z',
}

describe('the form of an account', () => {
  it('sends what its kind has and was typed', () => {
    const draft = { ...kNothing, name: ' deploy ', server: 'github.com', user: 'left over', secret: 'key', knownHosts: 'h t k' }
    expect(newAccountOf(kindOf('git_key'), draft, true)).toEqual({ name: 'deploy', kind: 'git_key', server: 'github.com', secret: 'key', known_hosts: 'h t k', shared: true })
    expect(newAccountOf(kindOf('git_token'), { ...kNothing, name: 'x', secret: 's' }, false)).toEqual({ name: 'x', kind: 'git_token', secret: 's' })
  })

  it('says what is missing, kind by kind', () => {
    for (const kind of kKinds) expect(missingIn(kind, kNothing, true)).toBe('a name')
    expect(missingIn(kindOf('s3'), { ...kNothing, name: 'x', secret: 's' }, true)).toBe('Access key')
    expect(missingIn(kindOf('registry'), { ...kNothing, name: 'x', user: 'u', secret: 's' }, true)).toBe('Registry')
    expect(missingIn(kindOf('git_token'), { ...kNothing, name: 'x' }, true)).toBe('Token')
    expect(missingIn(kindOf('git_token'), { ...kNothing, name: 'x' }, false)).toBeNull()
  })

  it('changes only what was changed, and a secret only when one is given', () => {
    expect(editOf(kAccount, draftOf(kAccount))).toEqual({})
    expect(editOf(kAccount, { ...draftOf(kAccount), server: '', secret: 'new' })).toEqual({ server: '', secret: 'new' })
  })

  it('shows a kind that it does not know', () => {
    expect(kindOf('vault').label).toBe('vault')
  })
})
