import { Button, SegmentedControl, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'
import type { Project } from '@/api/projects'
import { useMe } from '@/api/session'
import { counted } from '@/lib/quantity'
import { DataTable, type Column } from '@/ui/data-table'
import { EmptyState } from '@/ui/empty-state'
import { FilterBar, FilterText } from '@/ui/filter-bar'
import { Page } from '@/ui/page'
import { ErrorPanel, Loading } from '@/ui/panel'
import { TimeAgo } from '@/ui/time'
import { anyProjectQuery, useProjects, type Order, type Show } from './api'
import { rowsOf } from './project-pages'

const route = getRouteApi('/shell/projects')

const keyOf = (project: Project) => project.id

const kColumns: Column<Project>[] = [
  {
    id: 'name',
    header: 'Name',
    width: 'minmax(140px, 1.2fr)',
    always: true,
    sort: { up: 'name' },
    cell: (project) => (
      <>
        <Link to="/projects/$project" params={{ project: project.name }} title={project.name}>
          {project.name}
        </Link>
        {(project.deleting_at !== null || project.disabled) && (
          <span className="tone-waiting">
            {' '}
            <span aria-hidden="true">▲</span> {project.deleting_at !== null ? 'being deleted' : 'disabled'}
          </span>
        )}
      </>
    ),
  },
  {
    id: 'summary',
    header: 'Summary',
    width: 'minmax(120px, 2fr)',
    cell: (project) => (
      <span className="dim" title={project.summary_line} style={{ unicodeBidi: 'plaintext' }}>
        {project.summary_line}
      </span>
    ),
  },
  { id: 'group', header: 'Group', width: 'minmax(80px, 0.8fr)', cell: (project) => <span title={project.group ?? ''}>{project.group ?? '–'}</span> },
  { id: 'owner', header: 'Owner', width: 'minmax(70px, 0.6fr)', cell: (project) => <span title={project.owner ?? ''}>{project.owner ?? '–'}</span> },
  { id: 'tasks', header: 'Tasks', width: '52px', align: 'end', cell: (project) => <span title={project.tasks.join(', ')}>{project.tasks.length}</span> },
  { id: 'sources', header: 'Sources', width: '60px', align: 'end', cell: (project) => project.sources },
  {
    id: 'live',
    header: 'Live jobs',
    width: '70px',
    align: 'end',
    cell: (project) =>
      project.jobs.live > 0 ? (
        <span className="tone-busy" title={counted(project.jobs.live, 'job waits or runs', 'jobs wait or run')}>
          <span aria-hidden="true">●</span> {project.jobs.live}
        </span>
      ) : (
        <span className="dim">–</span>
      ),
  },
  { id: 'jobs', header: 'Jobs', width: '60px', align: 'end', cell: (project) => project.jobs.total.toLocaleString('en') },
  { id: 'changed', header: 'Changed', width: '90px', align: 'end', sort: { down: 'changed' }, cell: (project) => <TimeAgo at={project.updated_at} /> },
]

/** All projects that somebody may see. */
export function ProjectsPage() {
  const { show = 'all', text = '', order } = route.useSearch()
  const me = useMe()
  const navigate = useNavigate()
  const query = useProjects({ show, text, order })
  const any = useQuery({ ...anyProjectQuery, enabled: query.data?.pages[0]?.items.length === 0 })
  const rows = useMemo(() => rowsOf(query.data), [query.data])
  const search = useCallback(
    (next: { show?: Show; text?: string; order?: Order | 'name' }) =>
      void navigate({
        to: '/projects',
        replace: true,
        search: (before) => {
          const merged = { ...before, ...next }
          return { ...(merged.show && merged.show !== 'all' ? { show: merged.show } : {}), ...(merged.text ? { text: merged.text } : {}), ...(merged.order === 'changed' ? { order: merged.order } : {}) }
        },
      }),
    [navigate],
  )
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const kinds: { value: Show; label: string }[] = [
    { value: 'all', label: 'All' },
    { value: 'owned', label: 'Owned' },
    { value: 'shared', label: 'Shared' },
    ...(me.isOperator ? [{ value: 'everyone' as const, label: "Everyone's" }] : []),
  ]
  const nothing =
    text === '' && any.data === false && show !== 'everyone' ? (
      <EmptyState
        title="No projects yet"
        command="pintle project create -f pintle.yaml"
        action={
          <Button variant="filled" onClick={() => void navigate({ to: '/projects/new' })}>
            New project
          </Button>
        }
      >
        A project holds what you run: its tasks, the code and data that they use, and every job that came of them.
      </EmptyState>
    ) : (
      <Text p={16} c="dimmed" className="wrap" data-testid="empty">
        {text !== '' ? `No project whose name or summary contains “${text}”.` : show === 'owned' ? 'None of these projects is yours.' : show === 'shared' ? 'Nobody of your group shares a project with you.' : 'No projects.'}
      </Text>
    )
  return (
    <Page
      title="Projects"
      filled
      actions={
        <Button variant="filled" onClick={() => void navigate({ to: '/projects/new' })}>
          New project
        </Button>
      }
    >
      <FilterBar>
        <FilterText label="Filter by name or summary" value={text} width={240} onChange={(next) => search({ text: next })} />
        <SegmentedControl aria-label="Whose projects" value={show} data={kinds} onChange={(value) => search({ show: value as Show })} />
      </FilterBar>
      {query.error && rows.length === 0 ? (
        <div style={{ padding: 16 }}>
          <ErrorPanel error={query.error} what="The projects could not be read" onRetry={() => void query.refetch()} />
        </div>
      ) : query.data === undefined || (rows.length === 0 && text === '' && any.isPending) ? (
        <Loading rows={10} />
      ) : (
        <DataTable
          label="Projects"
          columns={kColumns}
          rows={rows}
          rowKey={keyOf}
          onOpen={(project) => void navigate({ to: '/projects/$project', params: { project: project.name } })}
          sort={order ?? 'name'}
          onSort={(next) => search({ order: next === 'changed' ? 'changed' : 'name' })}
          onEnd={onEnd}
          onSight={query.onSight}
          empty={nothing}
          footer={
            query.error ? (
              <div style={{ padding: 8 }}>
                <ErrorPanel error={query.error} what="The rest could not be read" onRetry={() => void query.fetchNextPage()} />
              </div>
            ) : null
          }
        />
      )}
    </Page>
  )
}
