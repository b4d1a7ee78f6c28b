import { describe, expect, it } from 'vitest'
import type { Project } from '@/api/projects'
import { pagesInSight, rowsOf, withPages, type ProjectPage, type ProjectPages } from './project-pages'

const page = (names: string, next: string | null): ProjectPage => ({ items: [...names].map((name) => ({ name }) as Project), next_cursor: next })
const list = (...pages: ProjectPage[]): ProjectPages => ({ pages, pageParams: pages.map((_, index) => (index === 0 ? '' : (pages[index - 1]?.next_cursor ?? ''))) })
const names = (pages: ProjectPages) => rowsOf(pages).map((project) => project.name).join('')

const kThree = list(page('abc', 'c'), page('def', 'f'), page('gh', null))

describe('pagesInSight', () => {
  it('finds the pages of rows', () => {
    expect(pagesInSight(kThree, 0, 1)).toEqual([0, 0])
    expect(pagesInSight(kThree, 2, 3)).toEqual([0, 1])
    expect(pagesInSight(kThree, 6, 99)).toEqual([2, 2])
    expect(pagesInSight(kThree, 99, 99)).toEqual([2, 2])
    expect(pagesInSight(list(page('', null)), 0, 0)).toEqual([0, 0])
    expect(pagesInSight({ pages: [], pageParams: [] }, 0, 0)).toBeNull()
  })
})

describe('withPages', () => {
  it('keeps what follows while it still does', () => {
    expect(names(withPages(kThree, 1, [page('DEF', 'f')]))).toBe('abcDEFgh')
  })
  it('leaves out what follows when a row came or went, so that none is missing or doubled', () => {
    const after = withPages(kThree, 0, [page('aab', 'b')])
    expect(names(after)).toBe('aab')
    expect(after.pages.at(-1)?.next_cursor).toBe('b')
    expect(after.pageParams).toEqual([''])
  })
  it('ends where the list ends now', () => {
    expect(names(withPages(kThree, 1, [page('d', null)]))).toBe('abcd')
  })
})
