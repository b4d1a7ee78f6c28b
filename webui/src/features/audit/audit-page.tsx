import { Button, Select, TextInput } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useCallback } from 'react'
import { counted } from '@/lib/quantity'
import { given } from '@/lib/search-params'
import { DataTable, type Column } from '@/ui/data-table'
import { EmptyState } from '@/ui/empty-state'
import { FilterBar, FilterText } from '@/ui/filter-bar'
import { Page } from '@/ui/page'
import { ErrorPanel, Loaded } from '@/ui/panel'
import { TimeAgo } from '@/ui/time'
import { auditQuery, type AuditEntry } from './api'
import { keyed, kSpanWords, localField, momentOf, placeOf, type Span } from './filter'

type Entry = AuditEntry & { key: string }

const route = getRouteApi('/shell/operator/audit')

function Subject({ entry }: { entry: AuditEntry }) {
  const place = placeOf(entry.action, entry.subject)
  return (
    <span title={entry.subject} style={{ unicodeBidi: 'plaintext' }}>
      {place ? <Link {...place}>{entry.subject}</Link> : entry.subject}
    </span>
  )
}

const kColumns: Column<Entry>[] = [
  { id: 'at', header: 'When', width: '96px', always: true, cell: (entry) => <TimeAgo at={entry.at} /> },
  { id: 'actor', header: 'Who', width: 'minmax(100px, 0.8fr)', always: true, cell: (entry) => <span title={entry.actor} style={{ unicodeBidi: 'plaintext' }}>{entry.actor}</span> },
  { id: 'action', header: 'Did', width: 'minmax(130px, 0.8fr)', always: true, cell: (entry) => <span className="mono">{entry.action}</span> },
  { id: 'subject', header: 'To', width: 'minmax(140px, 1.2fr)', always: true, cell: (entry) => <Subject entry={entry} /> },
  { id: 'detail', header: 'Detail', width: 'minmax(180px, 2fr)', cell: (entry) => <span title={entry.detail ?? undefined}>{entry.detail}</span> },
  { id: 'via', header: 'By way of', width: '130px', cell: (entry) => <span title={entry.via}>{entry.via}</span> },
  { id: 'address', header: 'From', width: '110px', cell: (entry) => entry.address ?? <span className="dim">–</span> },
]

/** Who did what, to what, when and from where. */
export function AuditPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(auditQuery(given(search)))
  const { fetchNextPage } = query
  const hasNext = query.hasNextPage && !query.isFetchingNextPage && !query.error
  const onEnd = useCallback(() => {
    if (hasNext) void fetchNextPage()
  }, [hasNext, fetchNextPage])
  const entries = keyed(query.data?.pages.flatMap((page) => page.items) ?? [])
  const narrow = (change: Partial<typeof search>) => void navigate({ search: given({ ...search, ...change }), replace: true })
  const isExact = search.since !== undefined || search.until !== undefined
  const isNarrowed = Object.keys(given(search)).length > 0
  return (
    <Page title="Audit log" filled>
      <FilterBar count={query.data && `${counted(entries.length, 'entry', 'entries')}${query.hasNextPage ? ' so far' : ''}`}>
        <FilterText label="Who" value={search.actor ?? ''} width={120} onChange={(actor) => narrow({ actor: actor || undefined })} />
        <FilterText label="Did" placeholder="Did, such as user." value={search.action ?? ''} width={140} onChange={(action) => narrow({ action: action || undefined })} />
        <FilterText label="To" placeholder="To what" value={search.subject ?? ''} width={140} onChange={(subject) => narrow({ subject: subject || undefined })} />
        <Select
          aria-label="Time"
          placeholder="Any time"
          clearable
          w={140}
          data={[...kSpanWords, { value: 'exact', label: 'From … to …' }]}
          value={isExact ? 'exact' : (search.span ?? null)}
          onChange={(value) =>
            value === 'exact' ? narrow({ span: undefined, since: momentOf(localField(new Date(Date.now() - 86_400_000).toISOString())) }) : narrow({ span: (value as Span | null) ?? undefined, since: undefined, until: undefined })
          }
        />
        {isExact && (
          <>
            <TextInput type="datetime-local" aria-label="From" value={localField(search.since)} onChange={(event) => narrow({ since: momentOf(event.currentTarget.value) })} />
            <TextInput type="datetime-local" aria-label="Until" value={localField(search.until)} onChange={(event) => narrow({ until: momentOf(event.currentTarget.value) })} />
          </>
        )}
      </FilterBar>
      <Loaded query={query} what="The audit log could not be read">
        {() => (
          <DataTable
            label="Audit log"
            columns={kColumns}
            rows={entries}
            rowKey={(entry) => entry.key}
            onEnd={onEnd}
            footer={query.error && <ErrorPanel error={query.error} what="Older entries could not be read" onRetry={() => void query.fetchNextPage()} />}
            empty={
              <EmptyState
                title={isNarrowed ? 'Nothing of that kind was done' : 'Nothing was done yet'}
                command="pintle audit --since 2d"
                action={isNarrowed && <Button onClick={() => void navigate({ search: {} })}>Show everything</Button>}
              >
                Whatever people do that changes something is written down here: who, what, to what, when, and from which address. Files that people upload are not.
              </EmptyState>
            }
          />
        )}
      </Loaded>
    </Page>
  )
}
