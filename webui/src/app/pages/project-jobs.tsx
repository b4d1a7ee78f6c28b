import { getRouteApi } from '@tanstack/react-router'
import { HistoryView } from '@/features/history/history-view'
import { JobsView } from '@/features/jobs/jobs-view'

const jobsRoute = getRouteApi('/shell/projects/$project/jobs')
const historyRoute = getRouteApi('/shell/projects/$project/history')

/** The jobs of one project, as a tab of it. */
export function ProjectJobs() {
  const { project } = jobsRoute.useParams()
  const search = jobsRoute.useSearch()
  const navigate = jobsRoute.useNavigate()
  return <JobsView key={project} project={project} search={search} onSearch={(next) => void navigate({ search: next, replace: true, resetScroll: false })} />
}

/** Every start of every replica of one project, as a tab of it. */
export function ProjectHistory() {
  const { project } = historyRoute.useParams()
  const search = historyRoute.useSearch()
  const navigate = historyRoute.useNavigate()
  return <HistoryView key={project} project={project} search={search} onSearch={(next) => void navigate({ search: next, replace: true, resetScroll: false })} />
}
