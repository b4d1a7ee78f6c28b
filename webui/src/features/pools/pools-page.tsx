import { Page } from '@/ui/page'

export function PoolsPage() {
  return <Page title="Pools">{null}</Page>
}
