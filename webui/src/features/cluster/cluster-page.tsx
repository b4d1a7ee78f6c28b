import { Page } from '@/ui/page'

export function ClusterPage() {
  return <Page title="Cluster">{null}</Page>
}
