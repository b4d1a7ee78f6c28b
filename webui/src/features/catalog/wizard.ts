import { lineOf, parseText, setField } from '@/lib/document-text'
import { stepsOf, type PlacedFault } from '@/lib/faults'
import { fieldsOf, scalarText } from '@/lib/project-document'
import type { Preview, WizardEntry } from './api'
import { kSteps, type Step } from './wizard-steps'

/** What a kind of question is, for those who read what will be asked. */
export const kKindNames: Record<string, string> = {
  cluster_storage: 'a storage',
  dataset: 'a data set',
  model: 'a model',
  git: 'a git repository',
  select: 'a choice',
  boolean: 'yes or no',
  text: 'a text',
}

/** The name and the values of a project that is to be made: the values are a text, of which the questions are a view. */
export interface Answers {
  name: string
  text: string
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** The values that differ from the template's; nothing for a text that is no mapping. */
export function changedValues(template: string, text: string): Record<string, unknown> | null {
  const now = parseText(text)
  if (now.faults.length > 0 || (now.value !== null && (typeof now.value !== 'object' || Array.isArray(now.value)))) return null
  const before = fieldsOf(parseText(template).value)
  const changed: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fieldsOf(now.value))) {
    if (key in before && same(before[key], value)) continue
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      changed[key] = Object.fromEntries(Object.entries(value).filter(([part]) => part !== 'wizard'))
    } else {
      changed[key] = value
    }
  }
  return changed
}

/** What an entry has now: its value or one of its other parts. A default that the server chose better is shown until it is changed. */
export function partOf(entry: WizardEntry, template: unknown, now: unknown, part: string): unknown {
  const before = fieldsOf(fieldsOf(template)[entry.key])[part]
  const after = fieldsOf(fieldsOf(now)[entry.key])[part]
  if (!same(before, after)) return after
  return part === 'value' ? entry.value : (after ?? fieldsOf(entry.parts)[part])
}

/** The text with another answer; comments and the questions in it stay. */
export function answered(text: string, entry: WizardEntry, part: string, value: unknown): string {
  return setField(text, [entry.key, part], value)
}

export interface PlacedPreview {
  name: string | null
  /** By "key" or "key.part". */
  at: Record<string, string>
  /** With lines of the edited text. */
  values: PlacedFault[]
  /** With lines of the project's document. */
  project: PlacedFault[]
  /** Of the template's own files. */
  others: PlacedFault[]
}

/** What is wrong, at the step where it can be mended. */
export function placePreview(preview: Preview | undefined, text: string): PlacedPreview {
  const placed: PlacedPreview = { name: null, at: {}, values: [], project: [], others: [] }
  for (const fault of preview?.faults ?? []) {
    if (fault.file === 'name') {
      placed.name ??= fault.message
    } else if (fault.file === 'values') {
      placed.at[fault.path] = fault.message
      placed.values.push({ ...fault, line: lineOf(text, stepsOf(fault.path)) ?? lineOf(text, stepsOf(fault.path).slice(0, 1)), column: null })
    } else if (fault.file === 'project') {
      placed.project.push(fault)
    } else {
      placed.others.push({ ...fault, path: [fault.file, fault.path].filter(Boolean).join(' ') })
    }
  }
  return placed
}

/** The steps that have something to be mended. */
export function wrongSteps(placed: PlacedPreview, nameFault: string | null, isText: boolean): Step[] {
  return kSteps.filter((step) => {
    if (step === 'name') return nameFault !== null || placed.name !== null
    if (step === 'config') return Object.keys(placed.at).length > 0
    if (step === 'values') return !isText
    return placed.project.length + placed.others.length > 0
  })
}

export function readAnswers(kept: string | null): Answers | null {
  try {
    const { name, text } = JSON.parse(kept ?? '{}') as Record<string, unknown>
    return typeof name === 'string' && typeof text === 'string' ? { name, text } : null
  } catch {
    return null
  }
}

/** Whether a picture may be shown: one that came with the answer. Nothing is loaded from elsewhere. */
export function iconOf(template: { icon: string | null }): string | null {
  return template.icon !== null && /^data:image\//.test(template.icon) ? template.icon : null
}

/** An address that may be followed. */
export function linkOf(address: string | null): string | null {
  return address !== null && /^https?:\/\//i.test(address) ? address : null
}

/** An option's value as a key of a choice. */
export function optionKey(value: unknown): string {
  return JSON.stringify(value) ?? ''
}

/** A value as it is typed. */
export function typedOf(value: unknown): string {
  return scalarText(value)
}
