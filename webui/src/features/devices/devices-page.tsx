import { Page } from '@/ui/page'

export function DevicesPage() {
  return <Page title="Devices">{null}</Page>
}
