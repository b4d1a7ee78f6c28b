import { describe, expect, it } from 'vitest'
import type { Schemas } from '@/api/client'
import { checkoutOf } from './checkout'
import { withAttempts, type Attempt } from './history-pages'
import { historySearch } from './history-search'

const document = {
  name: 'vision',
  summary: 'mine',
  sources: [{ name: 'src', git: 'https://host.example/r' }, { name: 'data' }],
  tasks: [{ name: 'prepare' }, { name: 'train', resources: [{ name: 'worker', command: 'new' }] }],
}
const spec = {
  project: 'vision',
  task: { name: 'train', resources: [{ name: 'worker', command: 'old' }] },
  sources: [{ name: 'src', git: { repository: 'https://host.example/r', revision: 'main' } }],
} as unknown as Schemas['JobSpec']

describe('the checkout of what a job ran', () => {
  it('puts its task and its sources back and leaves the rest of the project', () => {
    const checkout = checkoutOf(document, spec, {}, false)
    expect(checkout.document).toEqual({
      ...document,
      sources: [{ name: 'src', git: { repository: 'https://host.example/r', revision: 'main' } }, { name: 'data' }],
      tasks: [{ name: 'prepare' }, spec.task],
    })
    expect(checkout.same).toBe(false)
    expect(checkout.before).toContain('command: new')
    expect(checkout.after).toContain('command: old')
    expect(checkout.after).not.toContain('data')
  })

  it('brings back a task that is no more', () => {
    expect(checkoutOf({ name: 'vision', tasks: [] }, { ...spec, sources: [] }, {}, false).document).toEqual({ name: 'vision', tasks: [spec.task] })
  })

  it('can keep to the commits that were read', () => {
    const checkout = checkoutOf(document, spec, { src: '3f2a', data: 7 }, true)
    expect((checkout.document.sources as object[])[0]).toEqual({ name: 'src', git: { repository: 'https://host.example/r', revision: '3f2a' } })
  })

  it('knows when nothing would change', () => {
    expect(checkoutOf({ tasks: [spec.task], sources: spec.sources }, spec, {}, false).same).toBe(true)
  })
})

describe('the history', () => {
  const attempt = (build: number, state: string) => ({ job: `j${build}`, resource: 'worker', index: 0, attempt: 1, state }) as Attempt
  const page = (items: Attempt[], next: string | null = null) => ({ items, next_cursor: next })

  it('renews what it knows in place and takes in what is new', () => {
    const before = { pages: [page([attempt(2, 'Running')], 'x'), page([attempt(1, 'Succeeded')])], pageParams: [null, 'x'] }
    const after = withAttempts(before, page([attempt(3, 'Running'), attempt(2, 'Failed')], 'y'))!
    expect(after.pages[0]!.items.map((each) => each.state)).toEqual(['Running', 'Failed'])
    expect(after.pages[1]).toBe(before.pages[1])
    expect(withAttempts(before, page([attempt(9, 'Running')], 'y'))).toBeNull()
  })

  it('takes senseless addresses for nothing', () => {
    expect(historySearch({ task: {}, hide: 'x' })).toEqual({})
    expect(historySearch({ task: 7, hide: ['node', 3] })).toEqual({ task: '7', hide: ['node'] })
  })
})
