import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { nameFault } from '@/lib/project-document'

interface Props {
  label: string
  what: string
  name: string
  taken: readonly string[]
  fault: string | null
  onRename: (name: string) => void
}

/** A name is changed when it is complete: references and the address follow it. */
export function NameField({ label, what, name, taken, fault, onRename }: Props) {
  const [typed, setTyped] = useState(name)
  const [known, setKnown] = useState(name)
  if (known !== name) {
    setKnown(name)
    setTyped(name)
  }
  const wrong = typed === name ? fault : nameFault(typed, taken.filter((each) => each !== name), what)
  const commit = () => {
    if (typed !== name && wrong === null) onRename(typed)
  }
  return (
    <TextInput
      label={label}
      value={typed}
      error={wrong}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit()
        if (event.key === 'Escape') setTyped(name)
      }}
      autoComplete="off"
      spellCheck={false}
    />
  )
}
