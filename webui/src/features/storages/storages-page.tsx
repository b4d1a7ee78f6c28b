import { Page } from '@/ui/page'

export function StoragesPage() {
  return <Page title="Storages">{null}</Page>
}
