import { Page } from '@/ui/page'

export function QueuePage() {
  return <Page title="Queue">{null}</Page>
}
