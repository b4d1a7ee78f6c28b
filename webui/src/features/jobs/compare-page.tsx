import { Page } from '@/ui/page'
import type { CompareSearch } from './compare-search'

export function ComparePage({ search }: { search: CompareSearch; onSearch: (search: CompareSearch) => void }) {
  return <Page title="Compare jobs">{search.jobs.length}</Page>
}
