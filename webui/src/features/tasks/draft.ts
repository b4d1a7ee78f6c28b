import type { ProjectFull } from '@/api/projects'
import { parseText, writeText } from '@/lib/document-text'

/** What somebody makes of a project's document: the text they edit, and from which revision they began. */
export interface Draft {
  /** The revision that the text was made from. */
  revision: number
  /** What was saved: the text as it was then. */
  saved: string
  text: string
}

/** A project's document as its author wrote it, or as it is written by default. */
export function textOf(project: ProjectFull): string {
  return project.text ?? writeText(project.document)
}

export function freshDraft(project: ProjectFull): Draft {
  const text = textOf(project)
  return { revision: project.revision, saved: text, text }
}

export function isDirty(draft: Draft): boolean {
  return draft.text !== draft.saved
}

/** What a tab remembers over a reload; a tab's own, so that two tabs never overwrite each other's. */
export function keyOf(user: string, project: string): string {
  return `pintle.draft.${user}.${project}`
}

export function readDraft(kept: string | null): Draft | null {
  if (kept === null) return null
  try {
    const { revision, saved, text } = JSON.parse(kept) as Record<string, unknown>
    return typeof revision === 'number' && typeof saved === 'string' && typeof text === 'string' ? { revision, saved, text } : null
  } catch {
    return null
  }
}

/**
 * The draft after the project was read: one without changes follows the server, one with changes stays what it is,
 * and it is a conflict then if somebody else has saved meanwhile.
 */
export function withProject(draft: Draft | null, project: ProjectFull): Draft {
  if (!draft) return freshDraft(project)
  if (draft.revision === project.revision || isDirty(draft)) return draft
  return draft.revision > project.revision ? draft : freshDraft(project)
}

export function isConflict(draft: Draft, project: ProjectFull): boolean {
  return isDirty(draft) && project.revision > draft.revision
}

/** After saving: the text stays as it was typed, comments too, unless something was typed while it was being saved. */
export function afterSaving(draft: Draft, sent: string, project: ProjectFull): Draft {
  return { revision: project.revision, saved: sent, text: draft.text }
}

/** One's own text on top of what somebody else saved: saving it replaces theirs. */
export function onTopOf(draft: Draft, project: ProjectFull): Draft {
  return { revision: project.revision, saved: textOf(project), text: draft.text }
}

/** The name that a text gives its project, when it is another one. */
export function newNameIn(text: string, before: string): string | null {
  const value = parseText(text).value
  const name = typeof value === 'object' && value !== null && 'name' in value ? value.name : undefined
  return typeof name === 'string' && name !== before ? name : null
}
