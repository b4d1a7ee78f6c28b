import { Page } from '@/ui/page'

export function NewProjectPage() {
  return <Page title="New project">{null}</Page>
}
