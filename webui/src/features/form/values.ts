import type { PlacedFault } from '@/lib/faults'
import { isFraction, isUpload, keyOf, rangeOf, type InputField, type ValueType } from './fields'

/** A file that was chosen for a field: sent when it has an id, and being sent or failed before. */
export interface Upload {
  /** What tells it from others here, also before it has an id. */
  token: string
  id: string | null
  name: string
  size: number | null
  fault?: string
}

/** One value as it stands in its control: numbers as they are typed, of a select the key of its option. */
export type Typed = string | boolean | Upload | null
export type TypedField = Typed | Typed[]

/** What somebody changed, by the fields' names; everything else is as the form says. */
export type Filled = Readonly<Record<string, TypedField>>

const kTextMost = 64 * 1024
export const kListMost = 10_000
const kFloatMost = 3.4028234663852886e38

function typedValue(type: ValueType, field: InputField, value: unknown): Typed | undefined {
  if (isUpload(type)) return typeof value === 'string' && value !== '' ? { token: value, id: value, name: '', size: null } : null
  if (type === 'boolean') return typeof value === 'boolean' ? value : undefined
  if (type === 'select') return field.options.some((option) => option.key === keyOf(value)) ? keyOf(value) : undefined
  if (rangeOf(type)) return typeof value === 'bigint' ? String(value) : undefined
  if (isFraction(type)) return typeof value === 'bigint' || typeof value === 'number' ? String(value) : undefined
  return typeof value === 'string' ? value : undefined
}

/** What a value looks like in its field's control; undefined for one that the field cannot have. */
export function typedFrom(field: InputField, value: unknown): TypedField | undefined {
  if (field.type !== 'list') return typedValue(field.type, field, value)
  if (!Array.isArray(value)) return undefined
  const all = value.map((each) => typedValue(field.listType, field, each))
  return all.includes(undefined) ? undefined : (all as Typed[])
}

/** An empty control, as in a new row of a list. */
export function blankOf(type: ValueType): Typed {
  return type === 'boolean' ? false : isUpload(type) ? null : ''
}

/** What a control shows at first: the default, or what the server takes without one. */
export function initialOf(field: InputField): TypedField {
  const given = field.value === undefined ? undefined : typedFrom(field, field.value)
  if (given !== undefined) return given
  if (field.type === 'list') return []
  // What must be filled in begins empty, so that nobody sends a nought that they never saw.
  if (field.required) return blankOf(field.type)
  if (field.type === 'select') return field.options[0]?.key ?? ''
  return rangeOf(field.type) || isFraction(field.type) ? '0' : blankOf(field.type)
}

function fitsOne(type: ValueType, typed: Typed): boolean {
  if (isUpload(type)) return typed === null || typeof typed === 'object'
  return type === 'boolean' ? typeof typed === 'boolean' : typeof typed === 'string'
}

/** What stands in a field's control. A value of another kind of field, from before the form was changed, does not count. */
export function shownOf(field: InputField, filled: Filled): TypedField {
  const typed = filled[field.name]
  if (typed === undefined) return initialOf(field)
  const fits = field.type === 'list' ? Array.isArray(typed) && typed.every((each) => fitsOne(field.listType, each)) : !Array.isArray(typed) && fitsOne(field.type, typed)
  return fits ? typed : initialOf(field)
}

export function isBlank(typed: Typed): boolean {
  return typed === null || typed === ''
}

function textBytes(text: string): number {
  return new TextEncoder().encode(text).length
}

function wholeFault(type: ValueType, text: string): string | null {
  const range = rangeOf(type)
  if (!range) return null
  if (!/^[+-]?\d+$/.test(text.trim())) return 'expected a whole number'
  const value = BigInt(text.trim().replace(/^\+/, ''))
  return value >= range.least && value <= range.most ? null : `expected a whole number from ${range.least} to ${range.most}`
}

function fractionFault(type: ValueType, text: string): string | null {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim())) return `expected a number, such as 0.5`
  const value = Math.abs(Number(text))
  if (!Number.isFinite(value)) return 'expected a finite number'
  return type === 'float' && value > kFloatMost ? 'is too large for a float' : null
}

/** What can be known to be wrong with one value before it is sent. */
export function faultOfOne(field: InputField, type: ValueType, typed: Typed): string | null {
  if (typeof typed === 'boolean') return null
  if (typed !== null && typeof typed === 'object') return typed.fault ?? (typed.id === null ? 'is being sent' : null)
  const text = typed ?? ''
  if (rangeOf(type)) return wholeFault(type, text)
  if (isFraction(type)) return fractionFault(type, text)
  if (type === 'select') return field.options.some((option) => option.key === text) ? null : 'choose one'
  if (isUpload(type)) return null
  if (textBytes(text) > kTextMost) return 'is too long: a text has at most 64 KiB'
  return !field.multiline && /[\r\n]/.test(text) ? 'has a line break; the field takes one line' : null
}

/** Of a list: what is wrong with each row. Empty rows are left out when it is sent. */
export function rowFaults(field: InputField, rows: readonly Typed[]): (string | null)[] {
  return rows.map((row) => (isBlank(row) ? null : faultOfOne(field, field.listType, row)))
}

/** What can be known to be wrong with a field before it is sent. */
export function faultOf(field: InputField, typed: TypedField): string | null {
  if (Array.isArray(typed)) {
    const rows = typed.filter((row) => !isBlank(row))
    if (field.required && rows.length === 0) return 'is required'
    if (rows.length > kListMost) return `has ${rows.length.toLocaleString('en')} values; at most ${kListMost.toLocaleString('en')} are allowed`
    const wrong = rowFaults(field, typed).findIndex((fault) => fault !== null)
    return wrong < 0 ? null : `value ${wrong + 1}: ${rowFaults(field, typed)[wrong]}`
  }
  if (field.required && isBlank(typed)) return 'is required'
  if (field.type === 'list') return null
  return faultOfOne(field, field.type, typed)
}

/** Whether all that is wrong with a field is that it is empty, which nobody need be told before they were there. */
export function isOnlyMissing(field: InputField, typed: TypedField): boolean {
  return (Array.isArray(typed) ? typed.every(isBlank) : isBlank(typed)) && faultOf(field, typed) !== null
}

/** A request's part about values. `texts` are whole numbers that JSON, as browsers write it, would round. */
export interface FormRequest {
  values: Record<string, never>
  texts?: Record<string, string>
  from_job?: string
}

type Sent = string | number | boolean | bigint

function sentOf(type: ValueType, field: InputField, typed: Typed): Sent {
  if (typeof typed === 'boolean') return typed
  if (typed !== null && typeof typed === 'object') return typed.id ?? ''
  const text = typed ?? ''
  if (rangeOf(type)) return BigInt(text.trim().replace(/^\+/, ''))
  if (isFraction(type)) return Number(text)
  return type === 'select' ? (field.options.find((option) => option.key === text)?.value ?? text) : text
}

const isExact = (value: Sent) => typeof value !== 'bigint' || Number.isSafeInteger(Number(value))
const plain = (value: Sent) => (typeof value === 'bigint' ? Number(value) : value)

/** The values that were changed, as the server takes them. Only for values without faults. */
export function requestOf(inputs: readonly InputField[], filled: Filled, job?: string): FormRequest {
  const values: Record<string, unknown> = {}
  const texts: Record<string, string> = {}
  for (const field of inputs) {
    if (!(field.name in filled)) continue
    const typed = shownOf(field, filled)
    if (Array.isArray(typed)) {
      const rows = typed.filter((row) => !isBlank(row)).map((row) => sentOf(field.listType, field, row))
      if (rows.every(isExact)) values[field.name] = rows.map(plain)
      else texts[field.name] = `[${rows.join(',')}]`
    } else if (field.type !== 'list') {
      const sent = sentOf(field.type, field, typed)
      if (isExact(sent)) values[field.name] = plain(sent)
      else texts[field.name] = String(sent)
    }
  }
  const uploads = job !== undefined && Object.values(filled).some((typed) => [typed].flat().some((each) => each !== null && typeof each === 'object'))
  return { values: values as Record<string, never>, ...(Object.keys(texts).length > 0 ? { texts } : {}), ...(uploads ? { from_job: job } : {}) }
}

/** The values of an earlier job in the form as it is now, and what has no place in it any more. */
export function filledFrom(inputs: readonly InputField[], values: Readonly<Record<string, unknown>>, fileName: (id: string) => string): { filled: Filled; lost: string[] } {
  const filled: Record<string, TypedField> = {}
  const lost: string[] = []
  const named = (typed: Typed): Typed => (typed !== null && typeof typed === 'object' ? { ...typed, name: fileName(typed.token) } : typed)
  for (const [name, value] of Object.entries(values)) {
    const field = inputs.find((each) => each.name === name)
    const typed = field && typedFrom(field, value)
    if (!field || typed === undefined) lost.push(name)
    else if (JSON.stringify(typed) !== JSON.stringify(initialOf(field))) filled[name] = Array.isArray(typed) ? typed.map(named) : named(typed)
  }
  return { filled, lost }
}

/** Changes the upload with a token, wherever it stands; `undefined` takes it out. */
export function withUpload(filled: Filled, token: string, change: (upload: Upload) => Upload | undefined): Filled {
  const isIt = (typed: Typed): typed is Upload => typed !== null && typeof typed === 'object' && typed.token === token
  const changed = (typed: TypedField): TypedField => {
    if (!Array.isArray(typed)) return isIt(typed) ? (change(typed) ?? null) : typed
    return typed.some(isIt) ? typed.flatMap((each): Typed[] => (isIt(each) ? [change(each) ?? []].flat() : [each])) : typed
  }
  return Object.fromEntries(Object.entries(filled).map(([name, typed]) => [name, changed(typed)]))
}

/** Every upload that stands in the form. */
export function uploadsIn(filled: Filled): Upload[] {
  return Object.values(filled)
    .flat()
    .filter((typed): typed is Upload => typed !== null && typeof typed === 'object')
}

/** What a tab remembers: without files that were on their way, which nobody sends any more. */
export function readFilled(kept: string | null): { job: string | null; filled: Filled } {
  try {
    const { job, filled } = JSON.parse(kept ?? '{}') as { job?: unknown; filled?: unknown }
    const values = (typeof filled === 'object' && filled !== null ? filled : {}) as Filled
    const gone = uploadsIn(values).filter((upload) => upload.id === null)
    return { job: typeof job === 'string' ? job : null, filled: gone.reduce((held, upload) => withUpload(held, upload.token, () => undefined), values) }
  } catch {
    return { job: null, filled: {} }
  }
}

/** What the server says against the values, by the fields' names; and what is about none of those in sight. */
export function placeFaults(faults: readonly PlacedFault[], visible: readonly string[]): { at: Record<string, string>; others: PlacedFault[] } {
  const at: Record<string, string> = {}
  const others: PlacedFault[] = []
  for (const fault of faults) {
    if (visible.includes(fault.path)) at[fault.path] = at[fault.path] === undefined ? fault.message : `${at[fault.path]}; ${fault.message}`
    else others.push(fault)
  }
  return { at, others }
}

/** Texts that were pasted into a row of a list: one value for each line, or between commas where values have none. */
export function pastedRows(text: string, type: ValueType): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const parts = lines.length === 1 && type !== 'string' && type !== 'strings' && type !== 'select' ? (lines[0] ?? '').replace(/^\[|\]$/g, '').split(/[,;\s]+/) : lines
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}
