import { getRouteApi } from '@tanstack/react-router'
import { useShownJob } from '@/features/jobs/job-context'
import { JobMetrics } from '@/features/metrics/job-metrics'

const route = getRouteApi('/shell/jobs/$job/metrics')

/** The curves of a job, as a part of its page. */
export function Metrics() {
  const job = useShownJob()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  return <JobMetrics job={job.id} name={`${job.task}:${job.build}`} search={search} onSearch={(next) => void navigate({ search: next, replace: true, resetScroll: false })} />
}
