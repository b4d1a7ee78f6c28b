import { Button, Menu, SegmentedControl, TextInput } from '@mantine/core'
import { useDebouncedCallback, useHotkeys } from '@mantine/hooks'
import { useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useMemo, useRef, useState } from 'react'
import { cloneJob, jobQuery, type JobShort } from '@/api/jobs'
import { useMe } from '@/api/session'
import { hasEnded, kJobStates, kLiveStates } from '@/api/states'
import { counted } from '@/lib/quantity'
import { ColumnMenu, DataTable } from '@/ui/data-table'
import { EmptyState } from '@/ui/empty-state'
import { ErrorPanel, Loading } from '@/ui/panel'
import { StateBadge } from '@/ui/state-badge'
import { sayDone, sayFailed } from '@/ui/toast'
import { useJobs } from './api'
import { forEach } from './bulk'
import { fillAgain } from './fill-again'
import { jobColumns, kHiddenAtFirst } from './job-columns'
import { MoreFilters } from './more-filters'
import { kMostCompared } from './compare-search'
import { rowsOf, type JobPage } from './job-pages'
import { isFiltered, jobsFilter, type JobsSearch, type Order, type Show } from './jobs-search'
import classes from './jobs-page.module.css'
import { StopMany } from './stop-many'

export interface JobsViewProps {
  /** The jobs of one project; of all that one may see without it. */
  project?: string
  search: JobsSearch
  onSearch: (search: JobsSearch) => void
}

const kSettleMs = 200

const keyOf = (job: JobShort) => job.id

/** A list of jobs of any length: filters and sorting are the server's, changes appear by themselves. */
export function JobsView({ project, search, onSearch }: JobsViewProps) {
  const navigate = useNavigate()
  const filter = useMemo(() => jobsFilter(search, project), [search, project])
  const jobs = useJobs(filter)
  const rows = useMemo(() => rowsOf(jobs.data), [jobs.data])
  const columns = useMemo(() => jobColumns(project !== undefined), [project])
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const hidden = search.hide ?? kHiddenAtFirst

  if (jobs.error && !jobs.data) return <Padded><ErrorPanel error={jobs.error} what="The jobs could not be read" onRetry={() => void jobs.refetch()} /></Padded>
  return (
    <>
      <JobsBar project={project} search={search} onSearch={onSearch} columns={columns} hidden={hidden} rows={rows} chosen={chosen} onChosen={setChosen} total={totalText(jobs.data?.pages[0])} />
      {jobs.outdated && (
        <div className={classes.bar} role="status">
          Other jobs came in the meantime. <Button onClick={() => void jobs.readAgain()}>Show them</Button>
        </div>
      )}
      {jobs.isPending || jobs.isSearching ? (
        <Loading rows={12} />
      ) : (
        <DataTable
          label="Jobs"
          columns={columns}
          rows={rows}
          rowKey={keyOf}
          onOpen={(job) => void navigate({ to: '/jobs/$job', params: { job: job.id } })}
          selected={chosen}
          onSelect={setChosen}
          sort={search.order ?? 'newest'}
          onSort={(order) => onSearch({ ...search, order: order === 'newest' ? undefined : (order as Order) })}
          hidden={hidden}
          onEnd={() => {
            if (jobs.hasNextPage && !jobs.isFetching && !jobs.isFetchNextPageError) void jobs.fetchNextPage()
          }}
          footer={jobs.isFetchNextPageError && <Padded><ErrorPanel error={jobs.error} what="The jobs that follow could not be read" onRetry={() => void jobs.fetchNextPage()} /></Padded>}
          empty={<Nothing project={project} search={search} onSearch={onSearch} />}
        />
      )}
    </>
  )
}

function totalText(first: JobPage | undefined): string | null {
  if (typeof first?.total === 'number') return counted(first.total, 'job')
  return typeof first?.total_at_least === 'number' ? `${first.total_at_least.toLocaleString('en')} jobs or more` : null
}

function Padded({ children }: { children: React.ReactNode }) {
  return <div style={{ padding: 12 }}>{children}</div>
}

function Nothing({ project, search, onSearch }: JobsViewProps) {
  if (isFiltered(search)) {
    return (
      <EmptyState title="No job is like that" action={<Button onClick={() => onSearch({ ...(search.hide ? { hide: search.hide } : {}) })}>Show all jobs</Button>}>
        Nothing that you may see matches this filter.
      </EmptyState>
    )
  }
  const action = project ? (
    <Button renderRoot={(props) => <Link to="/projects/$project/tasks" params={{ project }} {...props} />}>
      Go to the project
    </Button>
  ) : (
    <Button component={Link} to="/projects">
      Choose a project
    </Button>
  )
  return (
    <EmptyState title="No jobs yet" command={`pintle run ${project ?? 'PROJECT'}/TASK --follow`} action={action}>
      A job is one run of a task: its programs, what they wrote, and what came of it. Each stays here with its logs until it is deleted.
    </EmptyState>
  )
}

interface BarProps extends JobsViewProps {
  columns: ReturnType<typeof jobColumns>
  hidden: readonly string[]
  rows: JobShort[]
  chosen: ReadonlySet<string>
  onChosen: (chosen: ReadonlySet<string>) => void
  /** How many there are in all, in words. */
  total: string | null
}

function JobsBar({ search, onSearch, columns, hidden, rows, chosen, onChosen, total }: BarProps) {
  const me = useMe()
  const shows: { value: Show; label: string }[] = [
    { value: 'all', label: 'All' },
    { value: 'owned', label: 'Owned' },
    { value: 'shared', label: 'Shared' },
    ...(me.isOperator ? [{ value: 'everyone' as const, label: 'Everyone' }] : []),
  ]
  return (
    <div className={classes.bar} role="toolbar" aria-label="Filter">
      {chosen.size > 0 ? (
        <Chosen rows={rows} chosen={chosen} onChosen={onChosen} />
      ) : (
        <>
          <FilterText text={search.text ?? ''} onText={(text) => onSearch({ ...search, text: text || undefined })} />
          <SegmentedControl aria-label="Whose jobs" data={shows} value={search.show ?? 'all'} onChange={(show) => onSearch({ ...search, show: show === 'all' ? undefined : (show as Show) })} />
          <StateMenu search={search} onSearch={onSearch} />
          <MoreFilters search={search} onSearch={onSearch} />
          <span className={classes.space} />
          {total && (
            <span className="dim" role="status">
              {total}
            </span>
          )}
          <ColumnMenu columns={columns} hidden={hidden} onHidden={(hide) => onSearch({ ...search, hide })} />
        </>
      )}
    </div>
  )
}

function FilterText({ text, onText }: { text: string; onText: (text: string) => void }) {
  const input = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useState(text)
  const [shown, setShown] = useState(text)
  const settle = useDebouncedCallback(onText, kSettleMs)
  // The address may also change by going back.
  if (shown !== text) {
    setShown(text)
    setTyped(text)
  }
  useHotkeys([['/', () => input.current?.focus()]])
  return (
    <TextInput
      ref={input}
      className={classes.filter ?? ''}
      type="search"
      aria-label="Filter jobs by name, reason, id or person"
      placeholder="Filter  ( / )"
      value={typed}
      onChange={(event) => {
        const next = event.currentTarget.value
        setTyped(next)
        settle(next.trim())
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') input.current?.blur()
      }}
    />
  )
}

function StateMenu({ search, onSearch }: Omit<JobsViewProps, 'project'>) {
  const states = search.states ?? []
  const label = search.live ? 'Live' : states.length === 0 ? 'Any state' : states.length <= 2 ? states.join(', ') : `${states.length} states`
  const choose = (next: typeof states) => onSearch({ ...search, live: undefined, states: next.length > 0 ? kJobStates.filter((state) => next.includes(state)) : undefined })
  return (
    <Menu closeOnItemClick={false} position="bottom-start">
      <Menu.Target>
        <Button aria-label={`States: ${label}`}>
          {label} <span aria-hidden="true">&nbsp;▾</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.CheckboxItem checked={!search.live && states.length === 0} onChange={() => onSearch({ ...search, live: undefined, states: undefined })}>
          Any state
        </Menu.CheckboxItem>
        <Menu.CheckboxItem checked={search.live ?? false} onChange={(live) => onSearch({ ...search, live: live || undefined, states: undefined })}>
          Live: {kLiveStates.length} states that have not ended
        </Menu.CheckboxItem>
        <Menu.Divider />
        {kJobStates.map((state) => (
          <Menu.CheckboxItem key={state} checked={states.includes(state)} onChange={(on) => choose(on ? [...states, state] : states.filter((each) => each !== state))}>
            <StateBadge state={state} />
          </Menu.CheckboxItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function Chosen({ rows, chosen, onChosen }: Pick<BarProps, 'rows' | 'chosen' | 'onChosen'>) {
  const navigate = useNavigate()
  const [stopping, setStopping] = useState<readonly JobShort[] | null>(null)
  const [busy, setBusy] = useState(false)
  const jobs = rows.filter((job) => chosen.has(job.id))
  const live = jobs.filter((job) => !hasEnded(job.state))
  const me = useMe()
  const client = useQueryClient()
  const clone = async () => {
    setBusy(true)
    const [only] = jobs
    if (only && jobs.length === 1) {
      // One that came from a form is filled in again; several are run as they were.
      const job = await client.fetchQuery(jobQuery(only.id)).catch(() => null)
      if (job && job.form_values !== null) return fillAgain(me.user, job, navigate)
    }
    const outcome = await forEach(
      jobs.map((job) => job.id),
      cloneJob,
    )
    setBusy(false)
    if (outcome.done > 0) sayDone(`${counted(outcome.done, 'job')} submitted again.`)
    const [first] = outcome.failed
    if (first) sayFailed(`${counted(outcome.failed.length, 'job')} could not be run again`, new Error(first.message))
    onChosen(new Set())
  }
  useHotkeys([['Escape', () => onChosen(new Set())]])
  return (
    <div className={classes.chosen}>
      <span role="status">{counted(jobs.length, 'job')} chosen</span>
      <Button disabled={live.length === 0} onClick={() => setStopping(live)}>
        ■ Stop{live.length > 0 && live.length < jobs.length ? ` ${live.length}` : ''}
      </Button>
      <Button loading={busy} onClick={() => void clone()}>
        ↻ Clone
      </Button>
      <Button disabled={jobs.length < 2 || jobs.length > kMostCompared} title={`Compare two to ${kMostCompared} jobs`} onClick={() => void navigate({ to: '/jobs/compare', search: { jobs: jobs.map((job) => job.id) } })}>
        ⇄ Compare
      </Button>
      <Button variant="subtle" onClick={() => onChosen(new Set())}>
        Clear
      </Button>
      <StopMany
        jobs={stopping}
        onClose={() => {
          setStopping(null)
          onChosen(new Set())
        }}
      />
    </div>
  )
}
