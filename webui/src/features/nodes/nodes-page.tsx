import { Page } from '@/ui/page'

export function NodesPage() {
  return <Page title="Nodes">{null}</Page>
}
