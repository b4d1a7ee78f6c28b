import { Button, Switch } from '@mantine/core'
import { useQueries } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { jobQuery, jobSpecQuery, type Job } from '@/api/jobs'
import type { Schemas } from '@/api/client'
import { valueText } from '@/lib/quantity'
import { durationText } from '@/lib/time'
import { EmptyState } from '@/ui/empty-state'
import { Page } from '@/ui/page'
import { Loaded } from '@/ui/panel'
import { StateBadge } from '@/ui/state-badge'
import { compareTrees, type Comparison } from './compare'
import classes from './compare-page.module.css'
import type { CompareSearch } from './compare-search'

interface Props {
  search: CompareSearch
  onSearch: (search: CompareSearch) => void
}

/** Some jobs beside each other: what came of them, how long they took, and in what they differ. */
export function ComparePage({ search, onSearch }: Props) {
  const jobs = useQueries({ queries: search.jobs.map((job) => jobQuery(job)) })
  const specs = useQueries({ queries: search.jobs.map((job) => jobSpecQuery(job)) })
  const queries = [...jobs, ...specs]
  const found = jobs.flatMap((query, index) => {
    const spec = specs[index]?.data
    return query.data && spec ? [{ job: query.data, spec }] : []
  })
  const all = {
    data: found.length === search.jobs.length ? found : undefined,
    error: queries.find((query) => query.error && !query.data)?.error,
    refetch: () => Promise.all(queries.filter((query) => query.error).map((query) => query.refetch())),
  }
  const crumbs = [{ text: 'Jobs', link: { to: '/jobs' as const } }]
  if (search.jobs.length < 2) {
    return (
      <Page title="Compare" crumbs={crumbs}>
        <EmptyState
          title="Nothing to compare"
          action={
            <Button component={Link} to="/jobs">
              Choose jobs
            </Button>
          }
        >
          Choose two or more jobs in a list, and see here in what they differ: their specifications, results and times.
        </EmptyState>
      </Page>
    )
  }
  return (
    <Page title="Compare" crumbs={crumbs} filled>
      <div className={classes.bar}>
        <Switch label="Also what is the same" checked={search.all ?? false} onChange={(event) => onSearch({ ...search, all: event.currentTarget.checked ? true : undefined })} />
      </div>
      <Loaded query={all} what="The jobs could not be read" rows={10}>
        {(data) => <Table found={data} all={search.all ?? false} onRemove={data.length > 2 ? (id) => onSearch({ ...search, jobs: search.jobs.filter((_, index) => data[index]!.job.id !== id) }) : null} />}
      </Loaded>
    </Page>
  )
}

interface Found {
  job: Job
  spec: Schemas['JobSpec']
}

function timesOf(job: Job): Record<string, string> {
  const between = (from: string | null, to: string | null) => (from && to ? durationText(Date.parse(to) - Date.parse(from)) : '–')
  return { waited: between(job.submitted_at, job.started_at), ran: job.duration_ms === null ? '–' : durationText(job.duration_ms) }
}

function Table({ found, all, onRemove }: { found: Found[]; all: boolean; onRemove: ((id: string) => void) | null }) {
  const results = compareTrees(found.map(({ job }) => Object.fromEntries(Object.entries(job.properties as Record<string, unknown>).map(([name, value]) => [name, valueText(value)]))))
  const times = compareTrees(found.map(({ job }) => timesOf(job)))
  const about = compareTrees(found.map(({ job }) => ({ owner: job.owner, submitted: job.submitted_at, gpus: job.gpus, pool: job.pool ?? '–', priority: job.priority, revisions: job.revisions })))
  const specs = compareTrees(found.map(({ spec }) => spec))
  const differs = specs.some((row) => !row.same)
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="Comparison">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">What</span>
            </th>
            {found.map(({ job }) => (
              <th key={job.id} scope="col">
                <Link to="/jobs/$job" params={{ job: job.id }}>
                  {job.name}
                </Link>{' '}
                {onRemove && (
                  <Button size="compact-xs" variant="subtle" aria-label={`Leave out ${job.name}`} onClick={() => onRemove(job.id)}>
                    ×
                  </Button>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">state</th>
            {found.map(({ job }) => (
              <td key={job.id}>
                <StateBadge state={job.state} title={job.reason} />
                {job.state === 'Error' && <div className="dim">{job.reason}</div>}
              </td>
            ))}
          </tr>
          <Part title="Results" rows={results} all columns={found.length} />
          <Part title="Times" rows={times} all columns={found.length} />
          <Part title="About" rows={about} all={all} columns={found.length} />
          <Part title="Specification" rows={specs} all={all} columns={found.length}>
            {!differs && 'They ran exactly the same.'}
          </Part>
        </tbody>
      </table>
    </div>
  )
}

function Part({ title, rows, all, columns, children }: { title: string; rows: Comparison[]; all: boolean; columns: number; children?: ReactNode }) {
  const shown = all ? rows : rows.filter((row) => !row.same)
  if (shown.length === 0 && !children) return null
  return (
    <>
      <tr>
        <th colSpan={columns + 1} scope="colgroup" className={classes.part}>
          {title}
        </th>
      </tr>
      {children && (
        <tr>
          <td colSpan={columns + 1}>{children}</td>
        </tr>
      )}
      {shown.map((row) => (
        <tr key={row.path} className={row.same ? undefined : classes.differs}>
          <th scope="row" className="mono">
            {row.path}
          </th>
          {row.values.map((value, index) => (
            <td key={index} className="mono">
              {value ?? <span className="dim">–</span>}
            </td>
          ))}
        </tr>
      ))}
    </>
  )
}
