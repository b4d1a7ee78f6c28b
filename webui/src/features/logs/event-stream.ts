/** One event of a stream of server-sent events. */
export interface ServerEvent {
  id: string
  event: string
  data: string
}

/**
 * Reads server-sent events out of text that comes in parts. The browser's own reader of them cannot begin behind a
 * known event, and a log is followed from exactly where a page of it ended.
 */
export class EventStreamParser {
  private rest = ''
  private id = ''
  private event = ''
  private data: string[] = []

  push(part: string): ServerEvent[] {
    const events: ServerEvent[] = []
    const lines = (this.rest + part).split('\n')
    this.rest = lines.pop() ?? ''
    for (const raw of lines) {
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
      if (line === '') {
        if (this.data.length > 0) events.push({ id: this.id, event: this.event || 'message', data: this.data.join('\n') })
        this.event = ''
        this.data = []
        continue
      }
      const colon = line.indexOf(':')
      if (colon === 0) continue
      const name = colon < 0 ? line : line.slice(0, colon)
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (name === 'data') this.data.push(value)
      else if (name === 'event') this.event = value
      else if (name === 'id') this.id = value
    }
    return events
  }
}
