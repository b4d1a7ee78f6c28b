import { describe, expect, it } from 'vitest'
import { borrowingFault, borrowingSentences } from './borrowing'

describe('borrowing in words', () => {
  it('says that a group without a cohort shares nothing', () => {
    expect(borrowingSentences(null, 4, [])).toEqual(['It shares no GPUs with other groups: it has those of its pool, and nobody else uses them.'])
  })

  it('says what is its own, what it may use, and what happens to others', () => {
    expect(borrowingSentences({ cohort: 'science', nominal: 3, limit: 4, reclaim: true }, 4, ['vision', 'speech'])).toEqual([
      'It shares GPUs with the groups of the cohort science: vision, speech.',
      '3 of the 4 GPUs of its pool are its own in any case.',
      "It may use up to 4 idle GPUs of the cohort's other groups, as long as none of their own jobs waits for them.",
      'Its waiting jobs may take back what is lent: jobs of other groups that use its GPUs are stopped, go back to their queue, and begin anew later.',
    ])
  })

  it('counts all of the pool without a nominal number, or with one above it', () => {
    expect(borrowingSentences({ cohort: 's', nominal: null, limit: 0, reclaim: false }, 2, ['b'])).toContain('All 2 GPUs of its pool are its own in any case.')
    expect(borrowingSentences({ cohort: 's', nominal: 9, limit: 0, reclaim: false }, 2, ['b'])).toContain('All 2 GPUs of its pool are its own in any case.')
  })

  it('says when there is nobody to share with', () => {
    expect(borrowingSentences({ cohort: 's', nominal: null, limit: 1, reclaim: false }, 2, [])[0]).toBe('It would share GPUs within the cohort s, but no other group names it yet.')
  })

  it('is checked as it is typed', () => {
    expect(borrowingFault({ cohort: ' ', nominal: null, limit: 0 })).toContain('cohort')
    expect(borrowingFault({ cohort: 's', nominal: -1, limit: 0 })).toContain('own')
    expect(borrowingFault({ cohort: 's', nominal: null, limit: 1.5 })).toContain('borrow')
    expect(borrowingFault({ cohort: 's', nominal: 0, limit: 0 })).toBeNull()
  })
})
