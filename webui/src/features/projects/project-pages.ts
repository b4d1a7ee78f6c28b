import type { InfiniteData } from '@tanstack/react-query'
import type { Project } from '@/api/projects'

export interface ProjectPage {
  items: Project[]
  next_cursor: string | null
}
export type ProjectPages = InfiniteData<ProjectPage, string>

/** All rows in one, for the table. */
export function rowsOf(pages: Pick<ProjectPages, 'pages'> | undefined): Project[] {
  return pages?.pages.flatMap((page) => page.items) ?? []
}

/** Which pages the rows from `first` to `last` are on, both counted in; nothing when no page is there. */
export function pagesInSight(pages: ProjectPages, first: number, last: number): [number, number] | null {
  if (pages.pages.length === 0) return null
  let row = 0
  let from = -1
  for (const [index, page] of pages.pages.entries()) {
    row += page.items.length
    if (from < 0 && first < row) from = index
    if (last < row) return [from, index]
  }
  const end = pages.pages.length - 1
  return [from < 0 ? end : from, end]
}

/**
 * The list after the pages from `from` on were read again. What followed them stays if it still does; otherwise it is
 * left out, and read again by whoever scrolls there.
 */
export function withPages(before: ProjectPages, from: number, fresh: readonly ProjectPage[]): ProjectPages {
  const pages = before.pages.slice(0, from)
  const pageParams = before.pageParams.slice(0, from)
  let cursor: string | null = before.pageParams[from] ?? ''
  for (const page of fresh) {
    if (cursor === null) break
    pages.push(page)
    pageParams.push(cursor)
    cursor = page.next_cursor
  }
  const after = from + fresh.length
  if (cursor !== null && before.pageParams[after] === cursor) {
    pages.push(...before.pages.slice(after))
    pageParams.push(...before.pageParams.slice(after))
  }
  return { pages, pageParams }
}
