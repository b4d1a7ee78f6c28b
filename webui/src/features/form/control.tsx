import { Checkbox, Select, Textarea, TextInput } from '@mantine/core'
import type { ClipboardEvent, KeyboardEvent, ReactNode } from 'react'
import { isFraction, rangeOf, type InputField, type ValueType } from './fields'
import type { Typed } from './values'

/** What a control shows beside itself: a label that is seen, or one for those who cannot see. */
export interface ControlWords {
  label?: ReactNode
  'aria-label'?: string
  description?: ReactNode
  error?: ReactNode
  required?: boolean
}

interface Props {
  field: InputField
  type: ValueType
  typed: Typed
  words: ControlWords
  onChange: (typed: Typed) => void
  onKeyDown?: (event: KeyboardEvent<HTMLElement>) => void
  onPaste?: (event: ClipboardEvent<HTMLElement>) => void
}

const kOrder: ('label' | 'description' | 'input' | 'error')[] = ['label', 'input', 'description', 'error']
const kSearchedFrom = 9

/** The next whole number up or down, if the type has it. */
export function stepped(type: ValueType, text: string, by: bigint): string | null {
  const range = rangeOf(type)
  if (!range || !/^[+-]?\d+$/.test(text.trim())) return null
  const next = BigInt(text.trim().replace(/^\+/, '')) + by
  return next < range.least || next > range.most ? null : String(next)
}

/** The control of one value of any type but a file. */
export function Control({ field, type, typed, words, onChange, onKeyDown, onPaste }: Props) {
  const text = typeof typed === 'string' ? typed : ''
  const shared = { ...words, inputWrapperOrder: kOrder, withAsterisk: words.required ?? false }
  if (type === 'boolean') return <Checkbox {...words} checked={typed === true} onChange={(event) => onChange(event.currentTarget.checked)} {...(onKeyDown ? { onKeyDown } : {})} />
  if (type === 'select') {
    return (
      <Select
        {...shared}
        data={field.options.map((option) => ({ value: option.key, label: option.label === '' ? '(empty)' : option.label }))}
        value={text === '' ? null : text}
        onChange={(key) => onChange(key ?? '')}
        placeholder="Choose"
        allowDeselect={false}
        searchable={field.options.length >= kSearchedFrom}
        nothingFoundMessage="No such option"
        {...(onKeyDown ? { onKeyDown } : {})}
      />
    )
  }
  const range = rangeOf(type)
  const onKey = (event: KeyboardEvent<HTMLElement>) => {
    const by = event.key === 'ArrowUp' ? 1n : event.key === 'ArrowDown' ? -1n : null
    const next = by === null || event.altKey || event.ctrlKey || event.metaKey ? null : stepped(type, text, event.shiftKey ? by * 10n : by)
    if (next !== null) {
      event.preventDefault()
      onChange(next)
    }
    onKeyDown?.(event)
  }
  const events = { onKeyDown: onKey, ...(onPaste ? { onPaste } : {}) }
  const plain = { autoComplete: 'off', spellCheck: false, value: text, 'aria-required': words.required ?? false, ...events }
  if (field.multiline && !range && !isFraction(type)) return <Textarea {...shared} {...plain} autosize minRows={2} maxRows={14} onChange={(event) => onChange(event.currentTarget.value)} />
  return (
    <TextInput
      {...shared}
      {...plain}
      onChange={(event) => onChange(event.currentTarget.value)}
      inputMode={range ? 'numeric' : isFraction(type) ? 'decimal' : 'text'}
      {...(range ? { role: 'spinbutton', 'aria-valuetext': text, 'aria-valuenow': Number(/^[+-]?\d+$/.test(text.trim()) ? text : 0) } : {})}
    />
  )
}
