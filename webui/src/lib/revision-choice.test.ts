import { expect, test } from 'vitest'
import { revisionGroups, revisionsText } from './revision-choice'

const named = (...names: string[]) => names.map((name) => ({ name }))

test('branches and tags are offered by kind, each name once', () => {
  expect(revisionGroups({ head: 'main', branches: named('main', 'v1'), tags: named('v2', 'v1'), cut: false })).toEqual([
    { group: 'Branches', items: ['main', 'v1'] },
    { group: 'Tags', items: ['v2'] },
  ])
  expect(revisionGroups({ head: null, branches: [], tags: named('v1'), cut: false })).toEqual([{ group: 'Tags', items: ['v1'] }])
})

test('what there is, is told in words', () => {
  expect(revisionsText({ head: 'main', branches: named('main', 'next'), tags: named('v1'), cut: false })).toBe('HEAD is main · 2 branches · 1 tag')
  expect(revisionsText({ head: null, branches: [], tags: [], cut: false })).toBe('HEAD is no branch · no branches · no tags')
  expect(revisionsText({ head: 'main', branches: named('main'), tags: named('a', 'b'), cut: true })).toBe('HEAD is main · 1 branch · 2 tags, and more')
})
