import { getRouteApi } from '@tanstack/react-router'
import { ComparePage } from '@/features/jobs/compare-page'

const route = getRouteApi('/shell/jobs/compare')

export function Compare() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  return <ComparePage search={search} onSearch={(next) => void navigate({ search: next, replace: true, resetScroll: false })} />
}
