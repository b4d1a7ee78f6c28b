import { Button, Checkbox, Group, Popover, Select, Stack, TagsInput, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { ApiError, messageOf } from '@/api/error'
import type { ProjectFull } from '@/api/projects'
import { useNow } from '@/ui/time'
import { forecastQuery } from './api'
import { askText, startText } from '@/api/forecast'
import { countOptions, optionFaults, requestOf, type RunOptions } from './run-options'
import classes from './tasks.module.css'

interface OptionsProps {
  options: RunOptions
  onOptions: (options: RunOptions) => void
}

/** How a job differs from what its task says. */
export function RunOptionsButton({ options, onOptions }: OptionsProps) {
  const count = countOptions(options)
  const faults = optionFaults(options)
  const set = (next: Partial<RunOptions>) => onOptions({ ...options, ...next })
  return (
    <Popover position="bottom-end" width={360} trapFocus withinPortal>
      <Popover.Target>
        <Button aria-label="Options of the run">Options{count > 0 ? ` (${count})` : ''} ▾</Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap={10}>
          <Group gap={10} grow align="flex-start">
            <TextInput label="GPUs in all" placeholder="unchanged" value={options.gpus} onChange={(event) => set({ gpus: event.currentTarget.value.trim() })} error={faults.gpus} inputMode="numeric" />
            <TextInput label="Workers" placeholder="unchanged" value={options.workers} onChange={(event) => set({ workers: event.currentTarget.value.trim() })} error={faults.workers} inputMode="numeric" />
            <TextInput label="Priority" placeholder="0" value={options.priority} onChange={(event) => set({ priority: event.currentTarget.value.trim() })} error={faults.priority} />
          </Group>
          <Select
            label="Engine"
            data={[
              { value: 'auto', label: 'as the project says' },
              { value: 'process', label: 'process' },
              { value: 'container', label: 'container' },
            ]}
            value={options.engine || 'auto'}
            allowDeselect={false}
            onChange={(value) => set({ engine: value === 'process' || value === 'container' ? value : '' })}
            comboboxProps={{ withinPortal: false }}
          />
          <Checkbox label="Start at once" description="With as many of its GPUs as are free, even none" checked={options.immediate} onChange={(event) => set({ immediate: event.currentTarget.checked })} />
          <Checkbox label="Hold" description="Waits until somebody releases it" checked={options.hold} onChange={(event) => set({ hold: event.currentTarget.checked })} />
          {options.hold && <TextInput label="Why" placeholder="a word for whoever wonders" maxLength={500} value={options.holdReason} onChange={(event) => set({ holdReason: event.currentTarget.value })} />}
          <TagsInput label="Tags" description="A word and Enter; jobs are found by them" value={options.tags} onChange={(next) => set({ tags: next })} maxTags={50} maxLength={256} splitChars={[',']} acceptValueOnBlur />
          <TagsInput label="Parameters" description="NAME=VALUE and Enter, such as worker.memory=16Gi" placeholder={options.set.length === 0 ? 'worker.replicas=4' : ''} value={options.set} onChange={(next) => set({ set: next })} error={faults.set} splitChars={[]} acceptValueOnBlur />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}

interface ForecastProps {
  project: ProjectFull
  task: string
  /** The task as it is being edited; nothing while the text is no YAML. */
  document: unknown
  options: RunOptions
  onOptions: (options: RunOptions) => void
}

/** When a job of the task would start, while it is being typed. */
export function ForecastLine({ project, task, document, options, onOptions }: ForecastProps) {
  const [asked] = useDebouncedValue({ task, document, request: requestOf(options) }, 350)
  const query = useQuery({ ...forecastQuery(project, asked.task, asked.document, asked.request), enabled: asked.task !== '' && asked.document !== undefined, placeholderData: keepPreviousData })
  const now = useNow()
  if (document === undefined || task === '') return null
  return (
    <div className={classes.forecast} role="status" aria-label="Forecast">
      <Sentence error={query.error} run={query.error ? undefined : query.data} now={now} onOptions={onOptions} options={options} />
    </div>
  )
}

interface SentenceProps {
  error: unknown
  run: Parameters<typeof startText>[0] | undefined
  now: number
  options: RunOptions
  onOptions: (options: RunOptions) => void
}

function Sentence({ error, run, now, options, onOptions }: SentenceProps) {
  if (error instanceof ApiError && error.details.length > 0) return <span className="dim">No forecast while the task has faults.</span>
  if (error) {
    return (
      <span className="wrap">
        <span className="tone-bad" aria-hidden="true">
          ✕
        </span>{' '}
        {messageOf(error)}
      </span>
    )
  }
  if (!run) return <span className="dim">Asking when it would start…</span>
  const fewer = run.explanation.remedies.find((remedy) => remedy.kind === 'fewer_gpus')
  const atOnce = run.explanation.remedies.some((remedy) => remedy.kind === 'immediate')
  return (
    <>
      <span className={run.starts_now ? 'tone-good' : 'tone-waiting'}>
        <span aria-hidden="true">{run.starts_now ? '✓' : '◔'}</span> {startText(run, now)}
      </span>
      <Text span c="dimmed">
        {askText(run)}
      </Text>
      {!run.starts_now && fewer && (
        <Button size="compact-xs" onClick={() => onOptions({ ...options, gpus: String(fewer.gpus) })}>
          Start now with {fewer.gpus} {fewer.gpus === 1 ? 'GPU' : 'GPUs'}
        </Button>
      )}
      {!run.starts_now && atOnce && !options.immediate && (
        <Button size="compact-xs" onClick={() => onOptions({ ...options, immediate: true })}>
          Start at once with what is free
        </Button>
      )}
    </>
  )
}
