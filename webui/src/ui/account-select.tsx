import { Select } from '@mantine/core'

interface Props {
  /** The names that may be chosen. */
  names: readonly string[]
  /** Empty: without account. */
  value: string
  onChange: (name: string) => void
  /** What it is for, where one can be chosen. */
  description?: string
}

/** Which account opens what a form names. Without any there is nothing to choose, and it says where one is kept. */
export function AccountSelect({ names, value, onChange, description }: Props) {
  // One that is named already is offered even when it is somebody else's.
  const all = value === '' || names.includes(value) ? [...names] : [value, ...names]
  const none = all.length === 0
  return (
    <Select
      label="Account"
      placeholder="without account"
      description={none ? 'You have none for it: keep one under Account, in the menu with your name.' : description}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      data={all}
      value={value === '' ? null : value}
      onChange={(name) => onChange(name ?? '')}
      disabled={none}
      clearable
      clearButtonProps={{ 'aria-label': 'Without account' }}
    />
  )
}
