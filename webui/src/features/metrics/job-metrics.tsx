import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { EmptyState } from '@/ui/empty-state'
import { ErrorPanel, Loading } from '@/ui/panel'
import { jobMetricsQuery } from './api'
import { ChartsFrame } from './charts'
import { type ChartSearch } from './metrics-search'

interface Props {
  job: string
  name: string
  search: ChartSearch
  onSearch: (search: ChartSearch) => void
}

/** The curves of one job, as a part of its page. */
export function JobMetrics({ job, name, search, onSearch }: Props) {
  const query = useQuery(jobMetricsQuery(job, search.interval, search.details === true))
  const sources = useMemo(() => (query.data ? [{ name, answer: query.data }] : []), [query.data, name])
  const isEmpty = query.data?.names.length === 0
  return (
    <ChartsFrame
      sources={sources}
      search={search}
      onSearch={(change) => onSearch({ ...search, ...change })}
      kind="tasks"
      faults={query.error ? <ErrorPanel error={query.error} what="The metrics could not be read" onRetry={() => void query.refetch()} /> : null}
      instead={query.isPending ? query.error ? <></> : <Loading /> : isEmpty ? <Teaching note={query.data?.note ?? null} /> : undefined}
    />
  )
}

/** Where nothing was measured or reported yet. */
export function Teaching({ note }: { note: string | null }) {
  return (
    <EmptyState title="Nothing was measured yet" command="import pintle; pintle.log(loss=0.3)">
      {note !== null && `${note[0]?.toUpperCase()}${note.slice(1)}. `}What a job uses is measured every ten seconds while it runs, and drawn here. What its program reports stands beside it: by this line of Python, by lines such as
      loss=0.3 in its output, or by TensorBoard&apos;s files.
    </EmptyState>
  )
}
