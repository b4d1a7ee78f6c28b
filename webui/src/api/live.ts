import type { Schemas } from './client'

export type Change = Schemas['Change']
export type LiveStatus = 'connecting' | 'open' | 'lost'

/** What a listener is told: a change, that everything may have changed, or that the connection came or went. */
export type LiveEvent =
  | { kind: 'change'; change: Change }
  | { kind: 'reset' }
  | { kind: 'status'; status: LiveStatus }

interface Source {
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void
  close(): void
}

export interface LiveParts {
  open(url: string): Source
  later(work: () => void, delayMs: number): () => void
  /** Messages to and from the other tabs; absent where the browser has none. */
  channel: { post(event: LiveEvent): void; listen(listener: (event: LiveEvent) => void): void } | null
  /** Runs `lead` once this tab is the one that listens for all; at once where tabs cannot agree. */
  whenLeading(lead: () => void): void
}

const kFirstDelayMs = 500
const kLongestDelayMs = 15_000
const kPostMs = 50

/**
 * The stream of changes, one for all tabs of a browser: browsers open six connections to a server, and each tab's
 * own stream would leave none for the seventh. One tab leads and tells the others.
 * It reconnects by itself, further and further apart, and says so.
 */
export class Live {
  private readonly listeners = new Set<(event: LiveEvent) => void>()
  private current: LiveStatus = 'connecting'
  private source: Source | null = null
  private last = ''
  private delayMs = kFirstDelayMs
  private wasOpen = false
  private cancelRetry: (() => void) | null = null
  private started = false

  constructor(private readonly parts: LiveParts) {}

  get status(): LiveStatus {
    return this.current
  }

  /** `after` is the last change that what the page has read may hold: what comes between that and the stream is told too. */
  start(after: number) {
    if (this.started) return
    this.started = true
    this.last = String(after)
    this.parts.channel?.listen((event) => this.tell(event))
    this.parts.whenLeading(() => this.connect())
  }

  listen(listener: (event: LiveEvent) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Tries now what would be tried in a while. */
  retry() {
    if (!this.cancelRetry) return
    this.cancelRetry()
    this.connect()
  }

  private connect() {
    this.cancelRetry = null
    const source = this.parts.open(`/api/v1/changes?after=${this.last}`)
    this.source = source
    source.addEventListener('open', () => this.opened())
    source.addEventListener('change', (event) => {
      this.last = event.lastEventId
      this.spread({ kind: 'change', change: JSON.parse(event.data) as Change })
    })
    source.addEventListener('reset', (event) => {
      this.last = event.lastEventId
      this.spread({ kind: 'reset' })
    })
    source.addEventListener('error', () => this.lost(source))
  }

  private opened() {
    // Whatever happened without a connection is read again, not guessed.
    if (this.wasOpen) this.spread({ kind: 'reset' })
    this.wasOpen = true
    this.delayMs = kFirstDelayMs
    this.spread({ kind: 'status', status: 'open' })
  }

  private lost(source: Source) {
    if (source !== this.source) return
    source.close()
    this.source = null
    this.spread({ kind: 'status', status: 'lost' })
    this.cancelRetry = this.parts.later(() => this.connect(), this.delayMs)
    this.delayMs = Math.min(this.delayMs * 2, kLongestDelayMs)
  }

  private spread(event: LiveEvent) {
    this.parts.channel?.post(event)
    this.tell(event)
  }

  private tell(event: LiveEvent) {
    if (event.kind === 'status') {
      if (event.status === this.current) return
      this.current = event.status
    }
    // For the day on which this tab leads.
    if (event.kind === 'change') this.last = String(event.change.sequence)
    for (const listener of this.listeners) listener(event)
  }
}

/** Messages between the tabs. Each costs the same, however much is in it: what happens nearly at once goes as one. */
function channelOf(name: string): NonNullable<LiveParts['channel']> {
  const channel = new BroadcastChannel(name)
  let waiting: LiveEvent[] = []
  const post = () => {
    channel.postMessage(waiting)
    waiting = []
  }
  return {
    post: (event) => {
      if (waiting.push(event) === 1) setTimeout(post, kPostMs)
    },
    listen: (listener) => channel.addEventListener('message', (message: MessageEvent<readonly LiveEvent[]>) => message.data.forEach(listener)),
  }
}

/** The parts of a real browser. `navigator.locks` exists on secure pages and localhost only. */
export function browserParts(): LiveParts {
  const tabsAgree = 'locks' in navigator && 'BroadcastChannel' in globalThis
  return {
    open: (url) => new EventSource(url),
    later: (work, delayMs) => {
      const timer = setTimeout(work, delayMs)
      return () => clearTimeout(timer)
    },
    channel: tabsAgree ? channelOf('pintle.changes') : null,
    whenLeading: (lead) => {
      if (!tabsAgree) return lead()
      // Held until the tab goes; the browser then gives it to the next one.
      void navigator.locks.request('pintle.changes', () => {
        lead()
        return new Promise<void>(() => {})
      })
    },
  }
}
