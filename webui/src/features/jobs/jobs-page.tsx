import { Page } from '@/ui/page'
import type { JobsViewProps } from './jobs-view'
import { JobsView } from './jobs-view'

/** The jobs of all projects. */
export function JobsPage(props: Omit<JobsViewProps, 'project'>) {
  return (
    <Page title="Jobs" filled>
      <JobsView {...props} />
    </Page>
  )
}
