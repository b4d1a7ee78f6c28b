import { useQuery } from '@tanstack/react-query'
import { Outlet, useRouterState } from '@tanstack/react-router'
import { ApiError } from '@/api/error'
import { jobQuery } from '@/api/jobs'
import { EmptyState } from '@/ui/empty-state'
import { Page, PageTab } from '@/ui/page'
import { Loaded } from '@/ui/panel'
import { StateBadge } from '@/ui/state-badge'
import { JobActions } from './job-actions'
import { JobContext } from './job-context'

/** The frame of a job's page: what it is, what can be done with it, and its parts. */
export function JobPage({ job: id }: { job: string }) {
  const query = useQuery(jobQuery(id))
  // Logs and tables scroll by themselves.
  const filled = useRouterState({ select: (state) => /\/(logs|metrics|spec|events|replicas)$/.test(state.location.pathname) })
  const job = query.data
  if (!job && query.error instanceof ApiError && query.error.isMissing) {
    return (
      <Page title="Job" crumbs={[{ text: 'Jobs', link: { to: '/jobs' } }]}>
        <EmptyState title="There is no such job" command="pintle jobs">
          It was deleted, or it belongs to another group.
        </EmptyState>
      </Page>
    )
  }
  return (
    <Page
      title={job ? `${job.task}:${job.build}` : 'Job'}
      crumbs={[
        { text: 'Projects', link: { to: '/projects' } },
        ...(job ? [{ text: job.project, link: { to: '/projects/$project' as const, params: { project: job.project } } }] : []),
      ]}
      beside={job && <StateBadge state={job.state} title={job.reason} />}
      actions={job && <JobActions job={job} />}
      filled={filled}
      tabs={
        <>
          <PageTab to="/jobs/$job" params={{ job: id }} exact>
            Overview
          </PageTab>
          <PageTab to="/jobs/$job/logs" params={{ job: id }}>
            Logs
          </PageTab>
          <PageTab to="/jobs/$job/metrics" params={{ job: id }}>
            Metrics
          </PageTab>
          <PageTab to="/jobs/$job/replicas" params={{ job: id }}>
            Replicas
          </PageTab>
          <PageTab to="/jobs/$job/events" params={{ job: id }}>
            Events
          </PageTab>
          <PageTab to="/jobs/$job/inputs" params={{ job: id }}>
            Inputs
          </PageTab>
          <PageTab to="/jobs/$job/spec" params={{ job: id }}>
            Spec
          </PageTab>
        </>
      }
    >
      <Loaded query={query} what="The job could not be read" rows={10}>
        {(data) => (
          <JobContext value={data}>
            <Outlet />
          </JobContext>
        )}
      </Loaded>
    </Page>
  )
}
