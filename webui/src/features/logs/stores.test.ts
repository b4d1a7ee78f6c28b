import { describe, expect, it } from 'vitest'
import { EventStreamParser } from './event-stream'
import { kPageLines, linesOf, LogStore, type LogItem, type LogPage } from './log-store'
import { nextHit } from './log-hits'
import { MergedStore } from './merged-store'

const item = (line: number, text = `line ${line}`, more: Partial<LogItem> = {}): LogItem => ({
  replica: 'worker-0',
  line,
  at: '2026-01-01T00:00:00Z',
  text,
  starts: true,
  ends: true,
  ...more,
})
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => item(from + index))
const page = (items: LogItem[], more: Partial<LogPage> = {}): LogPage => ({
  items,
  first_line: 1,
  last_line: items.at(-1)?.line ?? 0,
  next_from_line: null,
  prev_before_line: null,
  next_cursor: null,
  prev_cursor: null,
  complete: true,
  ...more,
})

describe('a log of which only a part is here', () => {
  it('knows its length from its end and asks for what comes into sight', () => {
    const store = new LogStore()
    store.add(page(range(999_001, 1_000_000)), null)
    expect(store.last).toBe(1_000_000)
    expect(store.missing(999_500, 1_000_010)).toBeNull()
    expect(store.missing(500_300, 500_340)).toBe(500_001)
    store.asking(500_001)
    expect(store.missing(500_300, 500_340)).toBeNull()
    store.add(page(range(500_001, 501_000), { last_line: 1_000_000 }), 500_001)
    expect(store.get(500_300)!.text).toBe('line 500300')
  })

  it('reads on behind a page that long lines have cut short', () => {
    const store = new LogStore()
    store.add(page(range(1, 10), { last_line: 5000, complete: false }), 1)
    expect(store.missing(1, 40)).toBe(11)
    store.asking(11)
    store.failed(11)
    expect(store.missing(1, 40)).toBe(11)
  })

  it('does not ask again and again for lines that rotation has deleted', () => {
    const store = new LogStore()
    store.add(page(range(5000, 5005)), null)
    expect(store.missing(1, 40)).toBe(1)
    store.add(page(range(3000, 3900), { first_line: 3000, last_line: 5005 }), 1)
    expect(store.first).toBe(3000)
    expect(store.missing(1, 2999)).toBeNull()
  })

  it('grows while it is followed, also by parts of a line', () => {
    const store = new LogStore()
    store.add(page(range(1, 3)), null)
    store.follow([item(3, 'line 3'), item(4, '50 %', { ends: false })])
    store.follow([item(4, ' done', { starts: false })])
    expect(store.last).toBe(4)
    expect(store.get(4)).toMatchObject({ text: '50 % done', ends: true })
    store.add(page([item(4, '50 %', { ends: false })]), 4)
    expect(store.get(4)!.text).toBe('50 % done')
  })

  it('forgets what is far when there is too much', () => {
    const store = new LogStore()
    for (let at = 1; at < 100_000; at += kPageLines) store.add(page(range(at, at + kPageLines - 1)), at)
    expect(store.size).toBeLessThanOrEqual(60_000)
    expect(store.get(100_000)).toBeDefined()
    expect(store.missing(1, 10)).toBe(1)
  })

  it('puts the pieces of long lines together', () => {
    expect(linesOf([item(1, 'a', { ends: false }), item(1, 'b', { starts: false })])).toMatchObject([{ line: 1, text: 'ab', ends: true }])
  })
})

const merged = (from: number, to: number, more: Partial<LogPage> = {}) =>
  page(range(from, to), { prev_cursor: from > 1 ? String(from - 1) : null, next_cursor: String(to), complete: false, ...more })
const followed = (from: number, to: number) => range(from, to).map((each) => ({ item: each, id: String(each.line) }))

describe('all logs as one', () => {
  it('grows at both ends and says by how much its beginning has moved', () => {
    const store = new MergedStore()
    store.start(page(range(10, 12), { prev_cursor: 'b', next_cursor: 'e' }), true)
    expect(store.end).toBe('e')
    store.prepend(page(range(1, 9), { prev_cursor: null }))
    store.follow([{ item: item(13, '1', { ends: false }), id: 'f' }, { item: item(13, '2', { starts: false }), id: 'g' }], true)
    expect(store.size).toBe(13)
    expect(store.at(12)!.text).toBe('12')
    expect(store).toMatchObject({ shifted: 9, before: null, end: 'g', atEnd: true })
  })

  it('lets go of its beginning when it has grown too long, and can read it again', () => {
    const store = new MergedStore()
    store.start(page([], { next_cursor: '0' }), true)
    for (let at = 0; at < 61; ++at) store.follow(followed(at * 1000 + 1, at * 1000 + 1000), true)
    expect(store.size).toBeLessThan(60_000)
    expect(store.before).toBe(String(store.at(0)!.line - 1))
    expect(store.shifted).toBe(-(store.at(0)!.line - 1))
  })

  it('is read to its beginning however long it is, and back to its end, with no gap and no doubled line', () => {
    const store = new MergedStore()
    const all = 200_000
    store.start(merged(all - 999, all), true)
    while (store.before !== null) store.prepend(merged(Number(store.before) - 999, Number(store.before)))
    expect(store.size).toBeLessThanOrEqual(60_000)
    expect(store.at(0)!.line).toBe(1)
    expect(store.atEnd).toBe(false)
    while (!store.atEnd) {
      const next = Number(store.end) + 1
      store.append(merged(next, next + 999, { complete: next + 999 === all }))
      expect(store.at(store.size - 1)!.line - store.at(0)!.line).toBe(store.size - 1)
    }
    expect(store.at(store.size - 1)!.line).toBe(all)
    store.follow(followed(all + 1, all + 1), true)
    expect(store.at(store.size - 1)!.line).toBe(all + 1)
  })

  it('finds a line by its log and number', () => {
    const store = new MergedStore()
    store.start(page([item(1), item(1, 'other', { replica: 'worker-1' }), item(2)]), true)
    expect(store.indexOf('worker-1', 1)).toBe(1)
    expect(store.indexOf('worker-0', 2)).toBe(2)
    expect(store.indexOf('worker-1', 2)).toBe(-1)
  })
})

describe('the next hit', () => {
  const hits = linesOf([item(3), item(2, 'b', { replica: 'worker-1' }), item(9)])
  const next = (replica: string | null, line: number, step: 1 | -1) => nextHit(hits, replica === null ? null : { replica, line }, step)
  it('is the one after or before, in the order of the logs together', () => {
    expect(next('worker-0', 3, 1)).toBe(hits[1])
    expect(next('worker-1', 2, -1)).toBe(hits[0])
    expect(next('worker-0', 9, 1)).toBe(hits[0])
    expect(next(null, 0, -1)).toBe(hits[2])
    expect(next('worker-0', 5, 1)).toBe(hits[2])
    expect(next('worker-0', 5, -1)).toBe(hits[0])
    expect(nextHit([], null, 1)).toBeUndefined()
  })
})

it('reads events that come in parts', () => {
  const parser = new EventStreamParser()
  expect(parser.push(': hello\n\nid: 1\nevent: li')).toEqual([])
  expect(parser.push('ne\ndata: {"a"')).toEqual([])
  expect(parser.push(':1}\r\n\r\ndata: x\n\n')).toEqual([
    { id: '1', event: 'line', data: '{"a":1}' },
    { id: '1', event: 'message', data: 'x' },
  ])
})
