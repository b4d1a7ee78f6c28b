import { stringify } from 'yaml'
import type { Schemas } from '@/api/client'

type Named = Record<string, unknown> & { name: string }
export type Document = Record<string, unknown>

function namedIn(list: unknown): Named[] {
  return Array.isArray(list) ? list.filter((each): each is Named => typeof each === 'object' && each !== null && typeof (each as Named).name === 'string') : []
}

/** The list with one in the place of its namesake, or at the end. */
function withNamed(list: Named[], item: Named): Named[] {
  return list.some((each) => each.name === item.name) ? list.map((each) => (each.name === item.name ? item : each)) : [...list, item]
}

/** A git source at the commit that was read, instead of whatever its branch says by now. */
function pinned(source: Named, revisions: Record<string, unknown>): Named {
  const commit = revisions[source.name]
  if (typeof commit !== 'string' || !('git' in source)) return source
  const git = typeof source.git === 'object' && source.git !== null ? source.git : { repository: source.git }
  return { ...source, git: { ...git, revision: commit } }
}

export interface Checkout {
  /** The project's document with what the job ran put into it. */
  document: Document
  /** Of both, the task and its sources only, as people read them. */
  before: string
  after: string
  same: boolean
}

const asText = (value: unknown) => stringify(value, { lineWidth: 0 })

/** Puts a job's task, and its sources, into a project's document; everything else stays as it is now. */
export function checkoutOf(document: Document, spec: Schemas['JobSpec'], revisions: Record<string, unknown>, pin: boolean): Checkout {
  const task = spec.task as Named
  const sources = namedIn(spec.sources).map((source) => (pin ? pinned(source, revisions) : source))
  const tasksNow = namedIn(document.tasks)
  const sourcesNow = namedIn(document.sources)
  const next = {
    ...document,
    ...(sources.length > 0 || 'sources' in document ? { sources: sources.reduce(withNamed, sourcesNow) } : {}),
    tasks: withNamed(tasksNow, task),
  }
  const taken = new Set(sources.map((source) => source.name))
  const before = asText({ task: tasksNow.find((each) => each.name === task.name) ?? null, sources: sourcesNow.filter((source) => taken.has(source.name)) })
  const after = asText({ task, sources: next.sources?.filter((source) => taken.has(source.name)) ?? [] })
  return { document: next, before, after, same: before === after }
}
