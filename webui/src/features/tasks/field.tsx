import { Textarea, TextInput } from '@mantine/core'
import type { Understood } from './units'

interface Props {
  label: string
  value: string
  onChange: (value: string) => void
  /** What the server says against it. */
  fault?: string | null
  /** What the value means. */
  understood?: Understood | null
  hint?: string
  placeholder?: string
  mono?: boolean
  lines?: boolean
  list?: string
  className?: string | undefined
}

const kOrder: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error']

/** A field of the document: the text as it stands there, what it means, and what is wrong with it. */
export function Field({ label, value, onChange, fault, understood, hint, placeholder, mono = false, lines = false, list, className }: Props) {
  const wrong = understood && !understood.good ? `expected ${understood.text}` : (fault ?? null)
  const shared = {
    label,
    value,
    description: understood?.good ? understood.text : hint,
    error: wrong,
    placeholder,
    inputWrapperOrder: kOrder,
    autoComplete: 'off',
    spellCheck: false,
    className,
    styles: mono ? { input: { fontFamily: 'var(--font-mono)' } } : {},
  }
  return lines ? (
    <Textarea {...shared} autosize minRows={1} maxRows={12} onChange={(event) => onChange(event.currentTarget.value)} />
  ) : (
    <TextInput {...shared} list={list} onChange={(event) => onChange(event.currentTarget.value)} />
  )
}
