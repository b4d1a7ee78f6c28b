import type { Line, LogItem, LogPage } from './log-store'
import { linesOf } from './log-store'

interface Block {
  lines: Line[]
  /** Gives what comes before it; null at the beginning of the logs. */
  begin: string | null
  /** Gives what comes after it. */
  end: string | null
}

const kMostLines = 60_000
const kBlockLines = 1000

/**
 * All logs of a job as one, in the order of time, as far as they are here: a part that moves along as one scrolls, and
 * lets go of what is far at its other end. Such a log has no line numbers of its own; positions are words of the server's.
 */
export class MergedStore {
  private blocks: Block[] = []
  private rows: Line[] = []
  private readonly listeners = new Set<() => void>()
  private version = 0
  /** How many rows ever came to or left the beginning: what was at index i is at i plus what was added since. */
  shifted = 0
  /** Nothing follows what is here, but what is still to be written. */
  atEnd = true
  /** Another number each time that everything was replaced. */
  epoch = 0

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
  snapshot = (): number => this.version

  get size(): number {
    return this.rows.length
  }
  at(index: number): Line | undefined {
    return this.rows[index]
  }
  /** Where a line of one of the logs is; -1: it is not here. */
  indexOf(replica: string, line: number): number {
    return this.rows.findIndex((row) => row.replica === replica && row.line === line)
  }
  /** Where to read on towards the beginning. */
  get before(): string | null {
    return this.blocks[0]?.begin ?? null
  }
  /** Where to read on towards the end, and to follow from there. */
  get end(): string | null {
    return this.blocks.at(-1)?.end ?? null
  }

  /** A page in place of everything that was there; `atEnd`: it is the last one. */
  start(page: LogPage, atEnd: boolean) {
    const lines = linesOf(page.items)
    this.blocks = [{ lines, begin: page.prev_cursor, end: page.next_cursor }]
    this.rows = [...lines]
    this.atEnd = atEnd
    ++this.epoch
    this.tell()
  }

  /** The page before what is there. */
  prepend(page: LogPage) {
    const lines = linesOf(page.items)
    this.blocks.unshift({ lines, begin: page.prev_cursor, end: this.before })
    this.rows = lines.concat(this.rows)
    this.shifted += lines.length
    if (this.rows.length > kMostLines) this.dropEnd()
    this.tell()
  }

  /** The page behind what is there. */
  append(page: LogPage) {
    const lines = linesOf(page.items)
    if (lines.length > 0) {
      this.blocks.push({ lines, begin: this.end, end: page.next_cursor })
      this.rows = this.rows.concat(lines)
    }
    this.atEnd = page.complete
    if (this.rows.length > kMostLines) this.dropBeginning()
    this.tell()
  }

  /** What was written just now; `id` is the position behind it. `trim`: lines far above may go. */
  follow(items: readonly { item: LogItem; id: string }[], trim: boolean) {
    for (const { item, id } of items) {
      let block = this.blocks.at(-1)
      if (!block || (block.lines.length >= kBlockLines && item.starts)) {
        block = { lines: [], begin: this.end, end: this.end }
        this.blocks.push(block)
      }
      const known = item.starts ? -1 : this.unfinished(item)
      if (known >= 0) {
        const row = this.rows[known]!
        const renewed = { ...row, text: row.text + item.text, ends: item.ends }
        this.rows[known] = renewed
        const place = block.lines.indexOf(row)
        if (place >= 0) block.lines[place] = renewed
      } else {
        const line = { replica: item.replica, line: item.line, at: item.at, text: item.text, ends: item.ends }
        block.lines.push(line)
        this.rows.push(line)
      }
      block.end = id
    }
    if (trim && this.rows.length >= kMostLines) this.dropBeginning()
    this.tell()
  }

  // A line that is written in parts is among the last ones of its replica.
  private unfinished(item: LogItem): number {
    for (let i = this.rows.length - 1; i >= Math.max(0, this.rows.length - 200); --i) {
      const row = this.rows[i]!
      if (row.replica === item.replica) return row.line === item.line ? i : -1
    }
    return -1
  }

  private dropBeginning() {
    let gone = 0
    while (this.blocks.length > 1 && this.rows.length - gone > kMostLines / 2) gone += this.blocks.shift()!.lines.length
    this.rows = this.rows.slice(gone)
    this.shifted -= gone
  }

  private dropEnd() {
    let kept = this.rows.length
    while (this.blocks.length > 1 && kept > kMostLines / 2) kept -= this.blocks.pop()!.lines.length
    this.rows = this.rows.slice(0, kept)
    this.atEnd = false
  }

  private tell() {
    ++this.version
    for (const listener of this.listeners) listener()
  }
}
