import { Button, Group, NativeSelect, Popover, Stack, TagsInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import { exactText } from '@/lib/time'
import type { JobsSearch } from './jobs-search'

interface Props {
  search: JobsSearch
  onSearch: (search: JobsSearch) => void
}

const kSpans = [
  { value: '', label: 'Any time' },
  { value: '1h', label: 'The last hour' },
  { value: '24h', label: 'The last 24 hours' },
  { value: '7d', label: 'The last 7 days' },
  { value: '30d', label: 'The last 30 days' },
]

// What the browser's field for times understands: local, without a zone.
function localOf(moment: string | undefined): string {
  const at = moment === undefined ? Number.NaN : Date.parse(moment)
  if (Number.isNaN(at)) return ''
  const date = new Date(at)
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

function momentOf(local: string): string | undefined {
  const at = Date.parse(local)
  return Number.isNaN(at) ? undefined : new Date(at).toISOString()
}

function inWords(search: JobsSearch): string[] {
  const time = (value: string) => kSpans.find((span) => span.value === value)?.label ?? (Number.isNaN(Date.parse(value)) ? `the last ${value}` : exactText(Date.parse(value)))
  return [
    ...(search.task ? [`task ${search.task}`] : []),
    ...(search.owner ? [`owner ${search.owner}`] : []),
    ...(search.tags ? [`tags ${search.tags.join(', ')}`] : []),
    ...(search.since ? [`since ${time(search.since)}`] : []),
    ...(search.until ? [`until ${time(search.until)}`] : []),
    ...(search.ended ? [`ended ${search.ended.endsWith('Z') ? 'since' : 'in'} ${time(search.ended).replace(/^T/, 't')}`] : []),
  ]
}

/** The filters that are not always needed; those that are set are said beside the button. */
export function MoreFilters({ search, onSearch }: Props) {
  const [opened, setOpened] = useState(false)
  const words = inWords(search)
  return (
    <>
      <Popover opened={opened} onChange={setOpened} trapFocus position="bottom-start" width={300}>
        <Popover.Target>
          <Button onClick={() => setOpened(!opened)} aria-expanded={opened}>
            More filters
          </Button>
        </Popover.Target>
        <Popover.Dropdown>{opened && <Form search={search} onSearch={onSearch} onDone={() => setOpened(false)} />}</Popover.Dropdown>
      </Popover>
      {words.length > 0 && (
        <Button variant="light" maw={360} title={words.join('\n')} aria-label={`Filtered by ${words.join(', ')}: show all`} onClick={() => onSearch({ ...search, task: undefined, owner: undefined, tags: undefined, since: undefined, until: undefined, ended: undefined })}>
          <span className="clip">{words.join(' · ')}</span>&nbsp;×
        </Button>
      )}
    </>
  )
}

function Form({ search, onSearch, onDone }: Props & { onDone: () => void }) {
  const [task, setTask] = useState(search.task ?? '')
  const [owner, setOwner] = useState(search.owner ?? '')
  const [tags, setTags] = useState(search.tags ?? [])
  const isSpan = kSpans.some((span) => span.value === (search.since ?? ''))
  const [span, setSpan] = useState(isSpan ? (search.since ?? '') : 'between')
  const [since, setSince] = useState(isSpan ? '' : localOf(search.since))
  const [until, setUntil] = useState(localOf(search.until))
  const [ended, setEnded] = useState(search.ended ?? '')
  const endings = kSpans.some((each) => each.value === ended) ? kSpans : [...kSpans, { value: ended, label: `Since ${ended}` }]
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        const between = span === 'between'
        onSearch({
          ...search,
          task: task.trim() || undefined,
          owner: owner.trim() || undefined,
          tags: tags.length > 0 ? tags : undefined,
          since: between ? momentOf(since) : span || undefined,
          until: between ? momentOf(until) : undefined,
          ended: ended || undefined,
        })
        onDone()
      }}
    >
      <Stack gap={8}>
        <TextInput label="Task" value={task} onChange={(event) => setTask(event.currentTarget.value)} autoComplete="off" data-autofocus />
        <TextInput label="Owner" value={owner} onChange={(event) => setOwner(event.currentTarget.value)} autoComplete="off" />
        <TagsInput label="Tags" description="Jobs that have all of them" value={tags} onChange={setTags} />
        <NativeSelect size="xs" label="Submitted" data={[...kSpans, { value: 'between', label: 'Between…' }]} value={span} onChange={(event) => setSpan(event.currentTarget.value)} />
        {span === 'between' && (
          <>
            <TextInput type="datetime-local" label="From" value={since} onChange={(event) => setSince(event.currentTarget.value)} />
            <TextInput type="datetime-local" label="To" value={until} onChange={(event) => setUntil(event.currentTarget.value)} />
          </>
        )}
        <NativeSelect size="xs" label="Ended" data={endings} value={ended} onChange={(event) => setEnded(event.currentTarget.value)} />
        <Group justify="flex-end">
          <Button type="submit" variant="filled">
            Apply
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
