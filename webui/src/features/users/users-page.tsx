import { Button, Select, Switch } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useCallback, useEffect, useState } from 'react'
import { groupsQuery, type User } from '@/api/cluster'
import { counted } from '@/lib/quantity'
import { given } from '@/lib/search-params'
import { DataTable, type Column } from '@/ui/data-table'
import { EmptyState } from '@/ui/empty-state'
import { FilterBar, FilterText } from '@/ui/filter-bar'
import { Page } from '@/ui/page'
import { ErrorPanel, Loaded } from '@/ui/panel'
import { Split } from '@/ui/side-pane'
import { TimeAgo } from '@/ui/time'
import { usersQuery } from './api'
import { Onboard } from './onboard'
import { UserPane } from './user-pane'

const route = getRouteApi('/shell/operator/users')

function status(user: User) {
  if (user.status === 'offboarded') {
    return (
      <span className="tone-quiet">
        <span aria-hidden="true">■</span> off-boarded
      </span>
    )
  }
  if (user.has_password === false && user.provider === null) {
    return (
      <span className="tone-waiting">
        <span aria-hidden="true">◌</span> invited
      </span>
    )
  }
  return (
    <span className="tone-good">
      <span aria-hidden="true">✓</span> on-boarded
    </span>
  )
}

const kColumns: Column<User>[] = [
  { id: 'name', header: 'Name', width: 'minmax(140px, 1.6fr)', always: true, cell: (user) => <span title={user.name} style={{ unicodeBidi: 'plaintext' }}>{user.name}</span> },
  { id: 'role', header: 'Role', width: '96px', cell: (user) => user.role },
  { id: 'group', header: 'Group', width: 'minmax(110px, 1.2fr)', cell: (user) => <Link to="/operator/groups" search={{ group: user.group.name }} title={user.group.name}>{user.group.name}</Link> },
  { id: 'status', header: 'Status', width: '100px', cell: status },
  { id: 'jobs', header: 'Live jobs', width: '70px', align: 'end', cell: (user) => (user.jobs.live > 0 ? user.jobs.live : <span className="dim">0</span>) },
  { id: 'gpus', header: 'GPUs', width: '50px', align: 'end', cell: (user) => (user.gpus > 0 ? user.gpus : <span className="dim">0</span>) },
  { id: 'ways', header: 'Signs in by', width: '110px', cell: (user) => [user.has_password ? 'password' : null, user.provider].filter(Boolean).join(', ') || <span className="dim">–</span> },
  { id: 'since', header: 'Let in', width: '90px', cell: (user) => <TimeAgo at={user.created_at} /> },
]

/** Who may use this server. */
export function UsersPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const groups = useQuery(groupsQuery)
  const [onboarding, setOnboarding] = useState(false)
  const query = useInfiniteQuery(usersQuery(given({ text: search.text, group: search.group, offboarded: search.left === 'yes' ? true : undefined })))
  const { fetchNextPage } = query
  const hasNext = query.hasNextPage && !query.isFetchingNextPage && !query.error
  const onEnd = useCallback(() => {
    if (hasNext) void fetchNextPage()
  }, [hasNext, fetchNextPage])
  const all = query.data?.pages.flatMap((page) => page.items) ?? []
  const users = search.role ? all.filter((user) => user.role === search.role) : all
  // The server does not filter by role: what is left of a page may not fill the screen, and then the end never comes near.
  const isNarrowed = search.role !== undefined
  useEffect(() => {
    if (isNarrowed) onEnd()
  }, [isNarrowed, onEnd])
  const narrow = (change: Partial<typeof search>) => void navigate({ search: given({ ...search, ...change }), replace: true })
  const show = (user: string | undefined) => void navigate({ search: given({ ...search, user }) })
  const add = (
    <Button variant="filled" onClick={() => setOnboarding(true)}>
      On-board somebody
    </Button>
  )
  return (
    <Page title="Users" filled actions={add}>
      <Split pane={search.user !== undefined && <UserPane key={search.user} user={search.user} onClose={() => show(undefined)} />}>
        <FilterBar count={query.data && `${counted(users.length, 'person', 'people')}${query.hasNextPage ? ' so far' : ''}`}>
          <FilterText label="Filter by name" placeholder="Filter by name" value={search.text ?? ''} onChange={(text) => narrow({ text: text || undefined })} />
          <Select aria-label="Group" placeholder="All groups" clearable searchable w={170} data={[...new Set([...(groups.data ?? []).map((group) => group.name), ...(search.group ? [search.group] : [])])]} value={search.group ?? null} onChange={(group) => narrow({ group: group ?? undefined })} />
          <Select
            aria-label="Role"
            placeholder="All roles"
            clearable
            w={130}
            data={['operator', 'data scientist']}
            value={search.role ?? null}
            onChange={(role) => narrow({ role: role === 'operator' || role === 'data scientist' ? role : undefined })}
          />
          <Switch label="Those who left too" checked={search.left === 'yes'} onChange={(event) => narrow({ left: event.currentTarget.checked ? 'yes' : undefined })} />
        </FilterBar>
        <Loaded query={query} what="The users could not be read">
          {() => (
            <DataTable
              label="Users"
              columns={kColumns}
              rows={users}
              rowKey={(user) => user.id}
              onOpen={(user) => show(user.name)}
              onEnd={onEnd}
              footer={query.error && <ErrorPanel error={query.error} what="More users could not be read" onRetry={() => void query.refetch()} />}
              empty={
                <EmptyState title="Nobody here" command="pintle user onboard NAME --group GROUP" action={add}>
                  Nobody matches these filters. Whoever is on-boarded gets a link by which they set a password, and shares the work and the GPUs of one group.
                </EmptyState>
              }
            />
          )}
        </Loaded>
      </Split>
      <Onboard opened={onboarding} group={search.group} onClose={() => setOnboarding(false)} />
    </Page>
  )
}
