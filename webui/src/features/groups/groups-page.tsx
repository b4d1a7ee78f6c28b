import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { groupsQuery, type Group } from '@/api/cluster'
import { counted } from '@/lib/quantity'
import { given } from '@/lib/search-params'
import { DataTable, type Column } from '@/ui/data-table'
import { EmptyState } from '@/ui/empty-state'
import { FilterBar, FilterText } from '@/ui/filter-bar'
import { Meter } from '@/ui/meter'
import { Page } from '@/ui/page'
import { Loaded } from '@/ui/panel'
import { Split } from '@/ui/side-pane'
import { GroupPane } from './group-pane'
import { NewGroup } from './new-group'

const route = getRouteApi('/shell/operator/groups')

function sharesWith(group: Group): string {
  const { borrowing } = group
  if (!borrowing) return 'nobody'
  return `${borrowing.cohort}: ${borrowing.limit > 0 ? `borrows up to ${borrowing.limit}` : 'lends only'}${borrowing.reclaim ? ', reclaims' : ''}`
}

const kColumns: Column<Group>[] = [
  { id: 'name', header: 'Group', width: 'minmax(140px, 1.6fr)', always: true, cell: (group) => <span title={group.name} style={{ unicodeBidi: 'plaintext' }}>{group.name}</span> },
  { id: 'users', header: 'People', width: '60px', align: 'end', cell: (group) => group.users },
  { id: 'gpus', header: 'GPUs in use', width: '82px', align: 'end', cell: (group) => group.gpus },
  { id: 'pool', header: 'Pool', width: 'minmax(110px, 1fr)', cell: (group) => <Link to="/operator/pools" search={{ pool: group.pool.name }} title={group.pool.name}>{group.pool.name}</Link> },
  { id: 'use', header: 'Pool in use', width: '150px', cell: (group) => <Meter label={`GPUs of ${group.pool.name} in use`} used={group.pool.used} total={group.pool.total} broken={group.pool.unhealthy} /> },
  { id: 'waiting', header: 'Waiting', width: '70px', align: 'end', cell: (group) => (group.pool.waiting_jobs > 0 ? <Link to="/operator/queue" search={{ pool: group.pool.name }}>{group.pool.waiting_jobs}</Link> : <span className="dim">0</span>) },
  { id: 'fair', header: 'Fair share', width: '74px', cell: (group) => (group.fair_share ? 'on' : <span className="dim">off</span>) },
  { id: 'shares', header: 'Shares with', width: 'minmax(120px, 1.2fr)', cell: (group) => <span title={sharesWith(group)}>{sharesWith(group)}</span> },
]

/** Groups: people who share their work and a pool of GPUs. */
export function GroupsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(groupsQuery)
  const [making, setMaking] = useState(false)
  const show = (group: string | undefined) => void navigate({ search: given({ ...search, group }) })
  const wanted = search.text?.toLowerCase() ?? ''
  const groups = query.data?.filter((group) => group.name.toLowerCase().includes(wanted)) ?? []
  const make = (
    <Button variant="filled" onClick={() => setMaking(true)}>
      New group
    </Button>
  )
  return (
    <Page title="Groups" filled actions={make}>
      <Split pane={search.group !== undefined && <GroupPane key={search.group} group={search.group} onClose={() => show(undefined)} onRenamed={show} />}>
        <FilterBar count={query.data && counted(groups.length, 'group')}>
          <FilterText label="Filter groups" placeholder="Filter" value={search.text ?? ''} onChange={(text) => void navigate({ search: given({ ...search, text: text || undefined }), replace: true })} />
        </FilterBar>
        <Loaded query={query} what="The groups could not be read">
          {() => (
            <DataTable
              label="Groups"
              columns={kColumns}
              rows={groups}
              rowKey={(group) => group.id}
              onOpen={(group) => show(group.name)}
              empty={
                <EmptyState title="No group of that name" command="pintle group create NAME --pool POOL" action={make}>
                  A group is people who share their projects, jobs and models, and one pool of GPUs. Whoever is in no other group is in the Default Group.
                </EmptyState>
              }
            />
          )}
        </Loaded>
      </Split>
      <NewGroup opened={making} onClose={() => setMaking(false)} onMade={show} />
    </Page>
  )
}
