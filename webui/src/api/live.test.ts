import { describe, expect, it } from 'vitest'
import { Live, type Change, type LiveEvent, type LiveParts } from './live'

type Listener = (event: MessageEvent<string>) => void

class FakeSource {
  readonly listeners = new Map<string, Listener>()
  closed = false
  constructor(readonly url: string) {}
  addEventListener(type: string, listener: Listener) {
    this.listeners.set(type, listener)
  }
  close() {
    this.closed = true
  }
  say(type: string, data = '', lastEventId = '') {
    this.listeners.get(type)?.({ data, lastEventId } as MessageEvent<string>)
  }
}

function world() {
  const sources: FakeSource[] = []
  const timers: { work: () => void; delayMs: number }[] = []
  const posted: LiveEvent[] = []
  let fromOthers: (event: LiveEvent) => void = () => {}
  let lead: () => void = () => {}
  const parts: LiveParts = {
    open: (url) => {
      const source = new FakeSource(url)
      sources.push(source)
      return source
    },
    later: (work, delayMs) => {
      const timer = { work, delayMs }
      timers.push(timer)
      return () => timers.splice(timers.indexOf(timer), 1)
    },
    channel: { post: (event) => posted.push(event), listen: (listener) => (fromOthers = listener) },
    whenLeading: (work) => (lead = work),
  }
  const live = new Live(parts)
  const heard: LiveEvent[] = []
  live.listen((event) => heard.push(event))
  live.start(5)
  return { live, sources, timers, posted, heard, lead: () => lead(), fromOthers: (event: LiveEvent) => fromOthers(event) }
}

const change = JSON.stringify({ sequence: 7, kind: 'job', id: 'j', project_id: 'p', state: 'Running', deleted: false })

describe('the stream of changes', () => {
  it('is opened by the tab that leads, which tells the others', () => {
    const { sources, posted, heard, lead } = world()
    expect(sources).toHaveLength(0)
    lead()
    sources[0]!.say('open')
    sources[0]!.say('change', change, '7')
    expect(heard.map((event) => event.kind)).toEqual(['status', 'change'])
    expect(posted).toEqual(heard)
  })

  it('begins behind what was read before it was there', () => {
    const { sources, lead } = world()
    lead()
    expect(sources[0]!.url).toBe('/api/v1/changes?after=5')
  })

  it('is gone on with by the next tab where the one that led has ended', () => {
    const { sources, fromOthers, lead } = world()
    fromOthers({ kind: 'change', change: JSON.parse(change) as Change })
    lead()
    expect(sources[0]!.url).toBe('/api/v1/changes?after=7')
  })

  it('is heard by a tab that follows, without a connection of its own', () => {
    const { live, sources, heard, fromOthers } = world()
    fromOthers({ kind: 'status', status: 'open' })
    fromOthers({ kind: 'reset' })
    expect(live.status).toBe('open')
    expect(heard).toHaveLength(2)
    expect(sources).toHaveLength(0)
  })

  it('goes on behind the last change after the server was away, and has everything read again', () => {
    const { live, sources, timers, heard, lead } = world()
    lead()
    sources[0]!.say('open')
    sources[0]!.say('change', change, '7')
    sources[0]!.say('error')
    expect(live.status).toBe('lost')
    expect(sources[0]!.closed).toBe(true)
    timers.pop()!.work()
    expect(sources[1]!.url).toBe('/api/v1/changes?after=7')
    sources[1]!.say('open')
    expect(live.status).toBe('open')
    expect(heard.slice(-2).map((event) => event.kind)).toEqual(['reset', 'status'])
  })

  it('waits longer after each failure, up to a limit, and not at all when asked to', () => {
    const { live, sources, timers, lead } = world()
    lead()
    const delays: number[] = []
    for (let i = 0; i < 8; ++i) {
      sources.at(-1)!.say('error')
      const timer = timers.pop()!
      delays.push(timer.delayMs)
      timer.work()
    }
    expect(delays.slice(0, 3)).toEqual([500, 1000, 2000])
    expect(delays.at(-1)).toBe(15_000)
    sources.at(-1)!.say('error')
    const before = sources.length
    live.retry()
    expect(sources).toHaveLength(before + 1)
    expect(timers).toHaveLength(0)
  })
})
