import type { QueueEntry } from '@/api/cluster'

/** What the server is asked for: a place, a priority, or both. */
export interface Move {
  place?: 'first' | 'last' | 'before' | 'after'
  other?: string
  priority?: number
}

/** The entries of one pool, in their order. Other groups' jobs may have no id; these cannot be moved nor be a mark. */
type Queue = readonly QueueEntry[]

function indexOf(queue: Queue, job: string): number {
  return queue.findIndex((entry) => entry.job === job)
}

/**
 * What to ask for so that the entry at `from` comes to stand at `to`. Higher priorities always go first, so a place among
 * others means taking their priority; beside an entry of its own priority it keeps that.
 */
export function moveTo(queue: Queue, from: number, to: number): Move | null {
  const entry = queue[from]
  if (!entry?.job || from === to || to < 0 || to >= queue.length) return null
  const rest = queue.filter((_, index) => index !== from)
  const above = rest[to - 1]
  const below = rest[to]
  const beside = (place: 'before' | 'after', other: QueueEntry | undefined): Move | null => (other?.job ? { place, other: other.job } : null)
  if (above?.priority !== entry.priority && below?.priority === entry.priority) return beside('before', below) ?? beside('after', above)
  return beside('after', above) ?? beside('before', below)
}

/** The queue as it will be if the server does what it is asked for. */
export function afterMove(queue: Queue, job: string, move: Move): QueueEntry[] {
  const from = indexOf(queue, job)
  const entry = queue[from]
  if (!entry) return [...queue]
  const rest = queue.filter((_, index) => index !== from)
  const mark = move.other === undefined ? undefined : rest.find((each) => each.job === move.other)
  const priority = move.priority ?? mark?.priority ?? entry.priority
  let to: number
  if (mark) {
    to = rest.indexOf(mark) + (move.place === 'after' ? 1 : 0)
  } else if (move.place === undefined && priority === entry.priority) {
    to = from
  } else {
    const isBehind = move.place === 'first' ? (each: QueueEntry) => each.priority <= priority : (each: QueueEntry) => each.priority < priority
    const found = rest.findIndex(isBehind)
    to = found < 0 ? rest.length : found
  }
  return [...rest.slice(0, to), { ...entry, priority }, ...rest.slice(to)].map((each, index) => ({ ...each, position: index + 1 }))
}

/** What brings an entry back to where it stands in `queue`. */
export function undoOf(queue: Queue, job: string): Move | null {
  const at = indexOf(queue, job)
  const entry = queue[at]
  if (!entry) return null
  const above = queue[at - 1]
  const below = queue[at + 1]
  if (above?.job && above.priority === entry.priority) return { place: 'after', other: above.job, priority: entry.priority }
  if (below?.job && below.priority === entry.priority) return { place: 'before', other: below.job, priority: entry.priority }
  return { place: 'first', priority: entry.priority }
}

/** "tune/train:3 is now 1 of 4 in research, with priority 5." */
export function outcome(before: Queue, after: Queue, job: string): string {
  const was = before.find((each) => each.job === job)
  const is = after.find((each) => each.job === job)
  if (!is) return 'It waits no more.'
  const priority = was && was.priority !== is.priority ? `, with priority ${is.priority}` : ''
  return `${is.name} is now ${is.position} of ${after.length} in ${is.pool}${priority}.`
}

/** Where the server put a job instead, for rules of the queue that stand above places; null where it is as was meant. */
export function misplaced(meant: Queue, now: Queue, job: string): string | null {
  const is = now.find((entry) => entry.job === job)
  // A queue that others have changed meanwhile proves nothing.
  const isSame = meant.length === now.length && meant.every((entry) => now.some((each) => each.job === entry.job))
  if (!is || !isSame || meant.find((entry) => entry.job === job)?.position === is.position) return null
  return `${is.name} is at ${is.position} of ${now.length} all the same: rules of the queue such as fair share stand above places.`
}

/** The queues of all pools, as one list tells them. */
export function byPool(entries: Queue): { pool: string; entries: QueueEntry[] }[] {
  const pools = new Map<string, QueueEntry[]>()
  for (const entry of entries) {
    const known = pools.get(entry.pool)
    if (known) known.push(entry)
    else pools.set(entry.pool, [entry])
  }
  return [...pools].map(([pool, list]) => ({ pool, entries: list }))
}
