import { getRouteApi } from '@tanstack/react-router'
import { JobsView } from '@/features/jobs/jobs-view'

const route = getRouteApi('/shell/projects/$project/jobs')

/** The jobs of one project, as a tab of it. */
export function ProjectJobs() {
  const { project } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  return <JobsView key={project} project={project} search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />
}
