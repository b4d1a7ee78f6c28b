import { parseExact } from '@/lib/document-text'
import { fieldsOf, listOf, sameField, scalarText } from '@/lib/project-document'

const kTypes = ['int', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'float', 'double', 'byte', 'bytes', 'string', 'strings', 'boolean', 'select', 'list', 'group'] as const
export type FieldType = (typeof kTypes)[number]
export type ValueType = Exclude<FieldType, 'list' | 'group'>

export interface Option {
  /** What tells it from the others, whatever its type: its value as JSON. */
  key: string
  value: string | number | bigint | boolean
  label: string
}

interface Common {
  label: string
  help: string
  /** Percent of the form's width. */
  width: number
  hidden: boolean
}

/** A field that has a value. */
export interface InputField extends Common {
  name: string
  type: Exclude<FieldType, 'group'>
  listType: ValueType
  required: boolean
  multiline: boolean
  /** The default; undefined when none is given. Whole numbers are bigints: int64 is wider than a number. */
  value: unknown
  options: Option[]
}

/** Fields that stand together. */
export interface GroupField extends Common {
  type: 'group'
  elements: Field[]
}

export type Field = InputField | GroupField

function typeOf(name: string): FieldType | null {
  if (name === 'bool') return 'boolean'
  if (name === 'text') return 'string'
  return kTypes.find((type) => type === name) ?? null
}

function optionOf(given: unknown): Option | null {
  const fields = fieldsOf(given)
  const value = typeof given === 'object' && given !== null ? fields.value : given
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'boolean') return null
  return { key: keyOf(value), value, label: scalarText(fields.label) || scalarText(value) }
}

/** An option's value as the text that stands for it. */
export function keyOf(value: unknown): string {
  return typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? '')
}

function fieldOf(given: unknown): Field | null {
  const raw = fieldsOf(given)
  const at = (...names: string[]): unknown => {
    const found = Object.keys(raw).find((key) => names.some((name) => sameField(name, key)))
    return found === undefined ? undefined : raw[found]
  }
  const type = typeOf(scalarText(at('type')))
  const name = scalarText(at('name'))
  if (type === null || (type !== 'group' && name === '')) return null
  const width = Number(at('width') ?? 100)
  const common: Common = {
    label: scalarText(at('label')) || name,
    help: scalarText(at('help', 'description')),
    width: width > 0 && width <= 100 ? width : 100,
    hidden: at('hidden') === true,
  }
  if (type === 'group') return { ...common, type, elements: fieldsIn(at('elements')) }
  const listType = typeOf(scalarText(at('list_type')))
  const options = listOf(at('options')).flatMap((each) => optionOf(each) ?? [])
  return {
    ...common,
    name,
    type,
    listType: listType === null || listType === 'list' || listType === 'group' ? 'string' : listType,
    required: at('required') === true,
    multiline: at('multiline') === true,
    value: at('value') ?? undefined,
    options: options.filter((option, index) => options.findIndex((other) => other.key === option.key) === index),
  }
}

function fieldsIn(list: unknown): Field[] {
  return listOf(list).flatMap((each) => fieldOf(each) ?? [])
}

/** The fields of a form that is written as YAML. What the server would refuse is left out: it says why. */
export function readFields(text: string): Field[] {
  return fieldsIn(parseExact(text))
}

/** The fields with values, groups dissolved. */
export function inputsOf(fields: readonly Field[]): InputField[] {
  return fields.flatMap((field) => (field.type === 'group' ? inputsOf(field.elements) : field))
}

/** Names of the inputs that nobody sees: hidden ones, and those in hidden groups. */
export function hiddenIn(fields: readonly Field[], within = false): InputField[] {
  return fields.flatMap((field) => {
    const hidden = within || field.hidden
    return field.type === 'group' ? hiddenIn(field.elements, hidden) : hidden ? field : []
  })
}

/** "int", "list of float" */
export function typeText(field: InputField): string {
  return field.type === 'list' ? `list of ${field.listType}` : field.type
}

export interface Range {
  least: bigint
  most: bigint
}

const bits = (count: bigint): Range => ({ least: -(2n ** (count - 1n)), most: 2n ** (count - 1n) - 1n })
const kRanges: Partial<Record<FieldType, Range>> = {
  int: bits(64n),
  int8: bits(8n),
  int16: bits(16n),
  int32: bits(32n),
  int64: bits(64n),
  uint8: { least: 0n, most: 255n },
  uint16: { least: 0n, most: 65535n },
}

/** Nothing for types that hold no whole numbers. */
export function rangeOf(type: FieldType): Range | null {
  return kRanges[type] ?? null
}

/** "-128 to 127", where the type says more than that it is a whole number. */
export function rangeText(type: FieldType): string {
  const range = rangeOf(type)
  return range === null || type === 'int' || type === 'int64' ? '' : `${range.least} to ${range.most}`
}

export function isFraction(type: FieldType): boolean {
  return type === 'float' || type === 'double'
}
export function isUpload(type: FieldType): boolean {
  return type === 'byte' || type === 'bytes'
}
