import type { Schemas } from '@/api/client'

export type LogItem = Schemas['LogLine']
export type LogPage = Schemas['LogPage']

/** A line as far as it is known. */
export interface Line {
  replica: string
  line: number
  at: string
  text: string
  /** False while its writer is in the middle of it, and for one that is too long to be read in one go. */
  ends: boolean
}

export const kPageLines = 1000
const kMostKept = 60_000
/** A line is kept so far; to read all of a longer one there is the download. */
const kLongestKept = 2_000_000

/** The pieces of an answer as lines. */
export function linesOf(items: readonly LogItem[]): Line[] {
  const lines: Line[] = []
  for (const item of items) {
    const last = lines.at(-1)
    if (last && last.line === item.line && last.replica === item.replica && !item.starts) {
      last.text = (last.text + item.text).slice(0, kLongestKept)
      last.ends = item.ends
    } else {
      lines.push({ replica: item.replica, line: item.line, at: item.at, text: item.text, ends: item.ends })
    }
  }
  return lines
}

/**
 * One replica's log as far as it was read: lines by their numbers, read when they come into sight, forgotten when
 * there are too many of them. Tells its listeners of every change.
 */
export class LogStore {
  first = 1
  last = 0
  private lines = new Map<number, Line>()
  private readonly absent = new Set<number>()
  private readonly asked = new Set<number>()
  private readonly listeners = new Set<() => void>()
  private version = 0

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
  /** Another number after each change. */
  snapshot = (): number => this.version

  get(line: number): Line | undefined {
    return this.lines.get(line)
  }
  get size(): number {
    return this.lines.size
  }

  /** Where to read next so that all lines of a range are there; null when they are, or are being read. */
  missing(from: number, to: number): number | null {
    const end = Math.min(to, this.last)
    for (let line = Math.max(from, this.first); line <= end; ++line) {
      if (this.lines.has(line) || this.absent.has(line)) continue
      const page = Math.max(this.first, Math.floor((line - 1) / kPageLines) * kPageLines + 1)
      // Pages end early where lines are long; what follows is read from there on.
      const start = this.lines.has(page) ? line : page
      if (!this.asked.has(start)) return start
      line = Math.max(line, start + kPageLines - 1)
    }
    return null
  }

  asking(start: number) {
    this.asked.add(start)
  }
  /** It could not be read; may be asked for again. */
  failed(start: number) {
    this.asked.delete(start)
  }

  /** What was read from line `start` on, or the end of the log when it is null. */
  add(page: LogPage, start: number | null) {
    this.first = Math.max(this.first, page.first_line)
    this.last = Math.max(this.last, page.last_line)
    const lines = linesOf(page.items)
    for (const line of lines) {
      const known = this.lines.get(line.line)
      // What follows the log may already know more of an unfinished line.
      if (!known || (!known.ends && line.text.length > known.text.length)) this.lines.set(line.line, line)
    }
    if (start !== null) {
      this.asked.delete(start)
      // Deleted by rotation between the question and the answer, or not there at all: not asked for again.
      const reached = lines[0]?.line ?? Math.min(start + kPageLines, this.last + 1)
      for (let line = Math.max(start, this.first); line < reached; ++line) this.absent.add(line)
    }
    this.forget(lines[0]?.line ?? this.last)
    this.tell()
  }

  /** What was written just now. */
  follow(items: readonly LogItem[]) {
    for (const item of items) {
      this.absent.delete(item.line)
      this.last = Math.max(this.last, item.line)
      const known = this.lines.get(item.line)
      if (item.starts || !known) this.lines.set(item.line, { replica: item.replica, line: item.line, at: item.at, text: item.text, ends: item.ends })
      else this.lines.set(item.line, { ...known, text: (known.text + item.text).slice(0, kLongestKept), ends: item.ends })
    }
    if (items.length > 0) this.forget(this.last)
    this.tell()
  }

  // Keeps what is near.
  private forget(near: number) {
    if (this.lines.size <= kMostKept) return
    const kept = [...this.lines.keys()].sort((a, b) => Math.abs(a - near) - Math.abs(b - near)).slice(0, kMostKept / 2)
    this.lines = new Map(kept.map((line) => [line, this.lines.get(line)!]))
  }

  private tell() {
    ++this.version
    for (const listener of this.listeners) listener()
  }
}
