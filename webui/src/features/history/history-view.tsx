import { Button } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { bytesText, coresText } from '@/lib/quantity'
import { durationText } from '@/lib/time'
import { ColumnMenu, DataTable, type Column } from '@/ui/data-table'
import { EmptyState } from '@/ui/empty-state'
import { FilterBar, FilterText } from '@/ui/filter-bar'
import { ErrorPanel, Loading } from '@/ui/panel'
import { StateBadge } from '@/ui/state-badge'
import { Elapsed, TimeAgo } from '@/ui/time'
import { useHistory } from './api'
import { CheckoutDialog } from './checkout-dialog'
import { attemptKey, type Attempt } from './history-pages'
import type { HistorySearch } from './history-search'

interface Props {
  /** The history of one project, or of one job; of all that one may see without both. */
  project?: string
  job?: string
  search: HistorySearch
  onSearch: (search: HistorySearch) => void
}

const kHiddenAtFirst: readonly string[] = ['image', 'address', 'ended']
const kShortRevision = 10

type Quantities = Attempt['requests']

function quantitiesText(value: Quantities): string {
  const parts = []
  if (value.cpu_millis > 0) parts.push(`${coresText(value.cpu_millis)} CPU`)
  if (value.memory_bytes > 0) parts.push(bytesText(value.memory_bytes))
  if (value.gpus > 0) parts.push(`${value.gpus} GPU`)
  return parts.join(', ')
}

function Text({ text }: { text: string | null }) {
  return text ? (
    <span className="clip" title={text}>
      {text}
    </span>
  ) : (
    <span className="dim">–</span>
  )
}

function columnsOf(ofJob: boolean, onCheckout: (attempt: Attempt) => void): Column<Attempt>[] {
  const name: Column<Attempt> = {
    id: 'job',
    header: 'Job',
    width: 'minmax(100px, 1.5fr)',
    always: true,
    cell: (attempt) => (
      <Link to="/jobs/$job" params={{ job: attempt.job }} className="clip" title={attempt.job_name} style={{ display: 'block' }}>
        {attempt.task}:{attempt.build}
      </Link>
    ),
  }
  return [
    ...(ofJob ? [] : [name]),
    { id: 'replica', header: 'Replica', width: 'minmax(80px, 1fr)', always: true, cell: (attempt) => <Text text={`${attempt.resource}-${attempt.index}`} /> },
    { id: 'state', header: 'Status', width: '104px', always: true, cell: (attempt) => <StateBadge state={attempt.state} title={attempt.out_of_memory ? 'It used more memory than its limit.' : attempt.message} /> },
    { id: 'exit', header: 'Exit', width: '36px', align: 'end', cell: (attempt) => attempt.exit_code ?? <span className="dim">–</span> },
    { id: 'restarts', header: 'Restarts', width: '58px', align: 'end', cell: (attempt) => attempt.attempt - 1 },
    { id: 'node', header: 'Node', width: 'minmax(70px, 1fr)', cell: (attempt) => <Text text={attempt.node} /> },
    { id: 'address', header: 'Address', width: '110px', cell: (attempt) => <Text text={attempt.address} /> },
    { id: 'devices', header: 'Devices', width: 'minmax(56px, 1fr)', cell: (attempt) => <Text text={attempt.devices.map((device) => `gpu ${device}`).join(', ')} /> },
    { id: 'image', header: 'Image', width: 'minmax(90px, 1fr)', cell: (attempt) => <Text text={attempt.image} /> },
    { id: 'quantities', header: 'Requests – limits', width: 'minmax(100px, 1.6fr)', cell: (attempt) => <Text text={[attempt.requests, attempt.limits].map(quantitiesText).filter(Boolean).join(' – ') || null} /> },
    { id: 'started', header: 'Started', width: '88px', cell: (attempt) => <TimeAgo at={attempt.started_at} /> },
    { id: 'ended', header: 'Ended', width: '88px', cell: (attempt) => <TimeAgo at={attempt.ended_at} /> },
    {
      id: 'duration',
      header: 'Duration',
      width: '84px',
      align: 'end',
      cell: (attempt) => (attempt.ended_at && attempt.duration_ms !== null ? durationText(attempt.duration_ms) : <Elapsed from={attempt.started_at} to={attempt.ended_at} />),
    },
    { id: 'revision', header: 'Revision', width: '80px', cell: (attempt) => <span className="mono clip" title={attempt.revision ?? undefined}>{attempt.revision?.slice(0, kShortRevision) ?? '–'}</span> },
    {
      id: 'checkout',
      header: 'Configuration',
      width: '84px',
      cell: (attempt) => (
        <Button size="compact-xs" variant="subtle" aria-label={`Check out what ${attempt.job_name} ran`} onClick={() => onCheckout(attempt)} tabIndex={-1}>
          Check out
        </Button>
      ),
    },
  ]
}

/** Every attempt of every replica, the newest first, and the way back to what any of them ran. */
export function HistoryView({ project, job, search, onSearch }: Props) {
  const navigate = useNavigate()
  const filter = useMemo(() => ({ project, job, task: search.task }), [project, job, search.task])
  const history = useHistory(filter)
  const rows = useMemo(() => history.data?.pages.flatMap((page) => page.items) ?? [], [history.data])
  const [checkout, setCheckout] = useState<Attempt | null>(null)
  const columns = useMemo(() => columnsOf(job !== undefined, setCheckout), [job])
  const hidden = search.hide ?? kHiddenAtFirst
  const empty = search.task ? (
    <EmptyState title="Nothing like that ran" action={<Button onClick={() => onSearch({ ...search, task: undefined })}>Show all tasks</Button>}>
      No replica of a task of that name ran.
    </EmptyState>
  ) : (
    <EmptyState title="Nothing ran yet" command={`pintle history ${project ?? ''}`.trim()} action={<Button onClick={() => void navigate(project ? { to: '/projects/$project', params: { project } } : { to: '/projects' })}>{project ? 'Go to the project' : 'Choose a project'}</Button>}>
      Every start of every replica is written down here: where it ran, with what, and how it ended. What it ran can be put back into the project.
    </EmptyState>
  )
  return (
    <>
      <FilterBar>
        {job === undefined && <FilterText label="Task" value={search.task ?? ''} onChange={(task) => onSearch({ ...search, task: task || undefined })} />}
        <ColumnMenu columns={columns} hidden={hidden} onHidden={(hide) => onSearch({ ...search, hide })} />
      </FilterBar>
      {history.error && !history.data ? (
        <div style={{ padding: 12 }}>
          <ErrorPanel error={history.error} what="The history could not be read" onRetry={() => void history.refetch()} />
        </div>
      ) : history.isPending ? (
        <Loading rows={10} />
      ) : (
        <DataTable
          label="History"
          columns={columns}
          rows={rows}
          rowKey={attemptKey}
          onOpen={(attempt) => void navigate({ to: '/jobs/$job/logs', params: { job: attempt.job }, search: { replica: `${attempt.resource}-${attempt.index}` } })}
          hidden={hidden}
          onEnd={() => {
            if (history.hasNextPage && !history.isFetching && !history.isFetchNextPageError) void history.fetchNextPage()
          }}
          footer={history.isFetchNextPageError && <ErrorPanel error={history.error} what="What came before could not be read" onRetry={() => void history.fetchNextPage()} />}
          empty={empty}
        />
      )}
      <CheckoutDialog attempt={checkout} onClose={() => setCheckout(null)} />
    </>
  )
}
