import { getRouteApi } from '@tanstack/react-router'
import { ComponentPage } from '@/features/components/component-page'
import { LogTail } from '@/features/logs/log-tail'

const route = getRouteApi('/shell/projects/$project/components/$component')

/** One component of a project, as a tab of it. */
export function ProjectComponent() {
  const { project, component } = route.useParams()
  return <ComponentPage key={component} project={project} name={component} tail={(job, live) => <LogTail key={job} job={job} live={live} />} />
}
