import { Checkbox, Select, Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useId } from 'react'
import { accountNamesQuery } from '@/api/accounts'
import { storagesQuery } from '@/api/storages'
import type { WizardEntry } from './api'
import classes from './catalog.module.css'
import { optionKey, typedOf } from './wizard'

interface Props {
  entry: WizardEntry
  /** What a part has now. */
  value: (part: string) => unknown
  fault: (part: string) => string | null
  onChange: (part: string, value: unknown) => void
}

const kOrder: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error']

const kHelp: Record<string, string> = {
  git: 'Of a repository, or of a folder in one as git hosts show it',
  dataset: 'Its name; empty where the project has its own data',
  model: 'Its name; empty to begin without one',
}

/** One question of a wizard, with what belongs to it. */
export function WizardField(props: Props) {
  const { entry, value, fault, onChange } = props
  const shared = {
    label: <bdi>{entry.name}</bdi>,
    description: <span className="wrap">{entry.help ?? kHelp[entry.kind]}</span>,
    error: fault('value'),
    withAsterisk: entry.required,
    inputWrapperOrder: kOrder,
  }
  const text = { ...shared, value: typedOf(value('value')), autoComplete: 'off', spellCheck: false, onChange: (event: { currentTarget: { value: string } }) => onChange('value', event.currentTarget.value) }
  switch (entry.kind) {
    case 'cluster_storage':
      return <StorageField {...props} shared={shared} />
    case 'boolean':
      return <Checkbox label={shared.label} description={entry.help} error={fault('value')} checked={value('value') === true} onChange={(event) => onChange('value', event.currentTarget.checked)} />
    case 'select':
      return (
        <Select
          {...shared}
          data={entry.options.map((option) => ({ value: optionKey(option.value), label: option.label || '(empty)' }))}
          value={optionKey(value('value'))}
          allowDeselect={false}
          searchable={entry.options.length > 8}
          onChange={(key) => onChange('value', entry.options.find((option) => optionKey(option.value) === key)?.value ?? '')}
        />
      )
    case 'git':
      return (
        <div className={classes.question}>
          <TextInput {...text} placeholder="https://host/team/repository" />
          <Part {...props} part="revision" label="Revision" placeholder="HEAD" />
          <AccountField {...props} />
        </div>
      )
    case 'dataset':
    case 'model':
      return (
        <div className={classes.question}>
          <TextInput {...text} />
          <Part {...props} part="version" label="Version" placeholder="newest" />
          <Part {...props} part="workspace" label="Workspace" placeholder="" />
        </div>
      )
    default:
      return entry.multiline ? <Textarea {...text} autosize minRows={2} maxRows={12} /> : <TextInput {...text} />
  }
}

function Part({ entry, value, fault, onChange, part, label, placeholder }: Props & { part: string; label: string; placeholder: string }) {
  if (!(part in entry.parts)) return null
  return <TextInput label={label} aria-label={`${label} of ${entry.name}`} placeholder={placeholder} value={typedOf(value(part))} onChange={(event) => onChange(part, event.currentTarget.value)} error={fault(part)} autoComplete="off" spellCheck={false} />
}

function AccountField({ entry, value, fault, onChange }: Props) {
  const names = useQuery(accountNamesQuery('git')).data ?? []
  const list = useId()
  if (!('accountId' in entry.parts)) return null
  return (
    <>
      <datalist id={list}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <TextInput label="Account" aria-label={`Account of ${entry.name}`} placeholder="without account" list={list} value={typedOf(value('accountId'))} onChange={(event) => onChange('accountId', event.currentTarget.value)} error={fault('accountId')} autoComplete="off" spellCheck={false} />
    </>
  )
}

function StorageField({ entry, value, onChange, shared }: Props & { shared: object }) {
  const storages = useQuery(storagesQuery).data ?? []
  const names = storages.map((each) => each.name)
  const given = typedOf(value('value'))
  // A template cannot know what storages are called here: where its default is none of them, it will be the first.
  const now = given === typedOf(entry.value) && !names.includes(given) ? (names[0] ?? given) : given
  return <Select {...shared} data={names.includes(now) || now === '' ? names : [...names, now]} value={now || null} placeholder="Choose" allowDeselect={false} onChange={(name) => onChange('value', name ?? '')} />
}
