import { Page } from '@/ui/page'

export function ProjectsPage() {
  return <Page title="Projects">{null}</Page>
}
