import type { ProjectFull } from '@/api/projects'
import type { FormTexts } from './form-text'

/** What its owner makes of a form: the texts they edit, and what they began with. */
export interface Draft {
  /** The saved form that the texts were made from, whatever its spelling. */
  base: string
  saved: FormTexts
  texts: FormTexts
}

/** A project's form as the server understands it, to be compared. */
export function baseOf(project: Pick<ProjectFull, 'document'>): string {
  const { form, form_template: template } = project.document as { form?: unknown; form_template?: unknown }
  return JSON.stringify([form ?? [], template ?? ''])
}

export function freshDraft(project: Pick<ProjectFull, 'document'>, texts: FormTexts): Draft {
  return { base: baseOf(project), saved: texts, texts }
}

export function isDirty(draft: Draft): boolean {
  return draft.texts.form !== draft.saved.form || draft.texts.template !== draft.saved.template
}

/** What a tab remembers over a reload. */
export function keyOf(user: string, project: string): string {
  return `pintle.form-draft.${user}.${project}`
}

function textsIn(value: unknown): value is FormTexts {
  const texts = value as Partial<FormTexts> | null
  return typeof texts?.form === 'string' && typeof texts.template === 'string'
}

export function readDraft(kept: string | null): Draft | null {
  try {
    const { base, saved, texts } = JSON.parse(kept ?? '{}') as Record<string, unknown>
    return typeof base === 'string' && textsIn(saved) && textsIn(texts) ? { base, saved, texts } : null
  } catch {
    return null
  }
}

/** A draft without changes follows what is saved; one with changes stays. */
export function following(draft: Draft, project: Pick<ProjectFull, 'document'>, texts: FormTexts): Draft {
  return isDirty(draft) || draft.base === baseOf(project) ? draft : freshDraft(project, texts)
}

/** Somebody else saved another form while this one was edited. */
export function isConflict(draft: Draft, project: Pick<ProjectFull, 'document'>): boolean {
  return isDirty(draft) && draft.base !== baseOf(project)
}
