import { getRouteApi } from '@tanstack/react-router'
import { hasEnded } from '@/api/states'
import { HistoryView } from '@/features/history/history-view'
import { useShownJob } from '@/features/jobs/job-context'
import { JobOverview } from '@/features/jobs/job-overview'
import { JobPage } from '@/features/jobs/job-page'
import { JobReplicas } from '@/features/jobs/job-parts'
import { LogTail } from '@/features/logs/log-tail'
import { LogView } from '@/features/logs/log-view'

const route = getRouteApi('/shell/jobs/$job')
const replicasRoute = getRouteApi('/shell/jobs/$job/replicas')
const logsRoute = getRouteApi('/shell/jobs/$job/logs')

export function JobFrame() {
  const { job } = route.useParams()
  return <JobPage key={job} job={job} />
}

export function Overview() {
  const job = useShownJob()
  return <JobOverview tail={<LogTail job={job.id} live={!hasEnded(job.state)} />} />
}

export function Logs() {
  const job = useShownJob()
  const search = logsRoute.useSearch()
  const navigate = logsRoute.useNavigate()
  return <LogView job={job.id} live={!hasEnded(job.state)} search={search} onSearch={(next) => void navigate({ search: next, replace: true, resetScroll: false })} />
}

export function Replicas() {
  const job = useShownJob()
  const search = replicasRoute.useSearch()
  const navigate = replicasRoute.useNavigate()
  // What has never started has no history yet, but its replicas are known.
  if (job.replicas.every((replica) => replica.started_at === null && replica.attempt <= 1)) {
    return (
      <div style={{ padding: '12px 16px', overflow: 'auto' }}>
        <JobReplicas />
      </div>
    )
  }
  return <HistoryView job={job.id} search={search} onSearch={(next) => void navigate({ search: next, replace: true, resetScroll: false })} />
}

export { JobEvents, JobInputs, JobSpec } from '@/features/jobs/job-parts'
