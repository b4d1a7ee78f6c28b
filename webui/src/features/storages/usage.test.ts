import { describe, expect, it } from 'vitest'
import { quotaWish, rowsOf, shownRows, type Row } from './usage'

const at = '2026-03-01T12:00:00.000Z'
const use = { bytes: 10, files: 1, complete: true, measured_at: at, quota_bytes: null, quota_own: false, full: false }
const research = { id: 'G1', name: 'research' }
const storage = {
  groups: [{ ...use, group: research, bytes: 40 }],
  folders: [
    { ...use, owner: 'project', name: 'digits', project: { id: 'P1', name: 'digits' }, group: research, folder: 'org/G1/digits', bytes: 30, quota_bytes: 30, full: true },
    { ...use, owner: 'group', name: 'pool', project: null, group: research, folder: 'org/G1/pool' },
    { ...use, owner: 'everybody', name: 'mnist', project: null, group: null, folder: 'shared/mnist', files: 5 },
    { ...use, owner: 'nobody', name: 'old', project: null, group: null, folder: 'org/G9/old', bytes: 1 },
  ],
}
const names = (rows: Row[]) => rows.map((row) => row.name)

describe('what lies on a storage', () => {
  const rows = rowsOf(storage)
  it('is said by whose it is', () => {
    expect(names(rows)).toEqual(['research', 'digits', '/pool', '/shared/mnist', 'org/G9/old'])
    expect(rows.map((row) => row.owner)).toEqual([{ kind: 'group', id: 'G1' }, { kind: 'project', id: 'P1' }, null, null, null])
  })
  it('is shown by group, by project, or folder by folder', () => {
    expect(names(shownRows(rows, 'groups', 'largest', ''))).toEqual(['research'])
    expect(names(shownRows(rows, 'projects', 'largest', ''))).toEqual(['digits'])
    expect(names(shownRows(rows, 'folders', 'largest', ''))).toEqual(['digits', '/pool', '/shared/mnist', 'org/G9/old'])
  })
  it('is sorted, and found by the name of its group too', () => {
    expect(names(shownRows(rows, 'folders', 'smallest', ''))[0]).toBe('org/G9/old')
    expect(names(shownRows(rows, 'folders', 'files', ''))[0]).toBe('/shared/mnist')
    expect(names(shownRows(rows, 'folders', 'fullest', ''))[0]).toBe('digits')
    expect(names(shownRows(rows, 'folders', 'largest', 'RESEARCH'))).toEqual(['digits', '/pool'])
  })
  it('gets again the quota that it had', () => {
    expect(quotaWish({ quota_bytes: 5, quota_own: true })).toBe('5')
    expect(quotaWish({ quota_bytes: null, quota_own: true })).toBe('none')
    expect(quotaWish({ quota_bytes: 5, quota_own: false })).toBe('default')
  })
})
