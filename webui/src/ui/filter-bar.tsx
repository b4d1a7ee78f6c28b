import { TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useState, type ReactNode } from 'react'
import classes from './filter-bar.module.css'

/** The line above a table: filters, and how much there is. */
export function FilterBar({ children, count }: { children: ReactNode; count?: ReactNode }) {
  return (
    <div className={classes.bar} role="search">
      {children}
      {count !== undefined && (
        <span className={classes.count} aria-live="polite">
          {count}
        </span>
      )}
    </div>
  )
}

interface FilterTextProps {
  label: string
  value: string
  onChange: (value: string) => void
  width?: number
  placeholder?: string
}

/** Filters as you type; says so a moment later, so that not every letter is a question to the server. */
export function FilterText({ label, value, onChange, width = 180, placeholder = label }: FilterTextProps) {
  const [typed, setTyped] = useState(value)
  const [known, setKnown] = useState(value)
  // The address was changed by something else, such as the browser's back button.
  if (value !== known) {
    setKnown(value)
    if (value !== typed.trim()) setTyped(value)
  }
  const say = useDebouncedCallback((text: string) => onChange(text), 200)
  return (
    <TextInput
      aria-label={label}
      placeholder={placeholder}
      value={typed}
      w={width}
      onChange={(event) => {
        setTyped(event.currentTarget.value)
        say(event.currentTarget.value.trim())
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || typed === '') return
        setTyped('')
        onChange('')
      }}
      autoComplete="off"
      spellCheck={false}
    />
  )
}
