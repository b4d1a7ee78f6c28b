import { Button, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { counted, fileSizeText } from '@/lib/quantity'
import { given } from '@/lib/search-params'
import { fillText } from '@/lib/storage-fill'
import { DataTable, type Column } from '@/ui/data-table'
import { EmptyState } from '@/ui/empty-state'
import { FillBar } from '@/ui/fill-bar'
import { FilterBar, FilterText } from '@/ui/filter-bar'
import { Page } from '@/ui/page'
import { Loaded } from '@/ui/panel'
import { TimeAgo } from '@/ui/time'
import { storageQuery, storagesQuery, type Storage, type StorageFull } from './api'
import { QuotaCell } from './quota-cell'
import classes from './storages.module.css'
import { kSorts, rowsOf, shownRows, type Row, type Shown, type Sort } from './usage'

const route = getRouteApi('/shell/operator/storages')

const kScarce = 5 * 1024 ** 3
const kAgain = 15_000

function Free({ storage }: { storage: Storage }) {
  if (storage.free_bytes === null || storage.total_bytes === null) {
    return (
      <span className="tone-bad">
        <span aria-hidden="true">✕</span> not readable
      </span>
    )
  }
  const text = `${fileSizeText(storage.free_bytes)} free of ${fileSizeText(storage.total_bytes)}`
  if (storage.free_bytes >= kScarce) return <span>{text}</span>
  return (
    <span className="tone-waiting">
      <span aria-hidden="true">▲</span> {text}
    </span>
  )
}

const kKindWords: Record<Row['kind'], string> = { group: 'group', project: 'project', folder: 'group folder', shared: 'shared' }

function columnsFor(storage: StorageFull): Column<Row>[] {
  const whole = storage.total_bytes ?? storage.bytes
  return [
    {
      id: 'name',
      header: 'Whose',
      width: 'minmax(150px, 1.6fr)',
      always: true,
      sort: { up: 'name' },
      cell: (row) =>
        row.kind === 'project' && row.owner ? (
          <Link to="/projects/$project" params={{ project: row.owner.id }} title={row.name} style={{ unicodeBidi: 'plaintext' }}>
            {row.name}
          </Link>
        ) : (
          <span title={row.name} style={{ unicodeBidi: 'plaintext' }}>
            {row.name}
          </span>
        ),
    },
    { id: 'used', header: 'Used', width: 'minmax(230px, 2fr)', always: true, sort: { down: 'largest', up: 'smallest' }, cell: (row) => <FillBar label={`Used by ${row.name}`} fill={row} whole={whole} textWidth="150px" /> },
    { id: 'quota', header: 'Quota', width: '150px', always: true, sort: { down: 'fullest' }, cell: (row) => <QuotaCell storage={storage.name} row={row} /> },
    { id: 'kind', header: 'What', width: '96px', cell: (row) => <span className="dim">{kKindWords[row.kind]}</span> },
    { id: 'group', header: 'Group', width: 'minmax(90px, 1fr)', cell: (row) => (row.group === null ? <span className="dim">–</span> : <span title={row.group}>{row.group}</span>) },
    { id: 'files', header: 'Files', width: '80px', align: 'end', sort: { down: 'files' }, cell: (row) => row.files.toLocaleString('en') },
    { id: 'measured', header: 'Measured', width: '96px', sort: { up: 'oldest' }, cell: (row) => <TimeAgo at={row.measured_at} /> },
  ]
}

/** Where cluster storages of projects lie, who fills them, and how much each may. */
export function StoragesPage() {
  const search = route.useSearch()
  const query = useQuery({ ...storagesQuery, refetchInterval: kAgain })
  return (
    <Page title="Storages" filled>
      <Loaded query={query} what="The storages could not be read">
        {(storages) =>
          storages.length === 0 ? (
            <EmptyState title="No storage" command="pintle storage list" action={<Button component={Link} to="/operator/settings">What can be configured</Button>}>
              Sources of projects that keep files need one. Name one under storages in the configuration file.
            </EmptyState>
          ) : (
            <>
              <ul className={classes.storages} aria-label="Storages">
                {storages.map((storage) => (
                  <li key={storage.name}>
                    <Line storage={storage} isChosen={storage.name === (search.storage ?? storages[0]?.name)} />
                  </li>
                ))}
              </ul>
              <Usage key={search.storage ?? ''} name={search.storage ?? storages[0]?.name ?? ''} />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

function Line({ storage, isChosen }: { storage: Storage; isChosen: boolean }) {
  const search = route.useSearch()
  const used = fillText({ ...storage, quota_bytes: null })
  return (
    <Link to="/operator/storages" search={given({ ...search, storage: storage.name })} className={classes.storage} aria-current={isChosen} {...(isChosen ? { 'data-chosen': true } : {})}>
      <span className="clip" title={storage.name}>
        {storage.name}
      </span>
      <span className="dim clip" title={storage.description ?? undefined}>
        {storage.group ? `for ${storage.group.name}` : 'for all groups'}
        {storage.description ? `: ${storage.description}` : ''}
      </span>
      <span className="clip">
        <Free storage={storage} />
      </span>
      <span className="clip dim" title={storage.folder}>
        {storage.measured_at === null ? 'not measured yet' : `${used} counted`} · <span className="mono">{storage.folder}</span>
      </span>
    </Link>
  )
}

function Usage({ name }: { name: string }) {
  const query = useQuery({ ...storageQuery(name), refetchInterval: kAgain })
  return (
    <Loaded query={query} what="The usage of the storage could not be read">
      {(storage) => <UsageTable storage={storage} />}
    </Loaded>
  )
}

function UsageTable({ storage }: { storage: StorageFull }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const shown: Shown = search.by ?? 'folders'
  const sort: Sort = search.sort ?? 'largest'
  const rows = shownRows(rowsOf(storage), shown, sort, search.text ?? '')
  const narrow = (change: Partial<typeof search>) => void navigate({ search: given({ ...search, ...change }), replace: true })
  return (
    <>
      <FilterBar count={counted(rows.length, shown === 'folders' ? 'folder' : shown.slice(0, -1))}>
        <SegmentedControl
          aria-label="By what"
          data={[
            { value: 'folders', label: 'All folders' },
            { value: 'projects', label: 'Projects' },
            { value: 'groups', label: 'Groups' },
          ]}
          value={shown}
          onChange={(by) => narrow({ by: by === 'projects' || by === 'groups' ? by : undefined })}
        />
        <FilterText label="Filter by name or group" value={search.text ?? ''} onChange={(text) => narrow({ text: text || undefined })} width={190} />
        <span className="dim">
          {storage.project_quota_bytes !== null && `A project may keep ${fileSizeText(storage.project_quota_bytes)}. `}
          {storage.group_quota_bytes !== null && `A group may keep ${fileSizeText(storage.group_quota_bytes)}.`}
        </span>
      </FilterBar>
      <DataTable
        label={`What lies on ${storage.name}`}
        columns={columnsFor(storage)}
        rows={rows}
        rowKey={(row) => row.key}
        sort={sort}
        onSort={(wanted) => narrow({ sort: kSorts.find((each): each is Exclude<Sort, 'largest'> => each === wanted && each !== 'largest') })}
        empty={
          search.text ? (
            <EmptyState title="Nothing like that" command={`pintle storage show ${storage.name}`} action={<Button onClick={() => narrow({ text: undefined })}>Show all</Button>}>
              No folder, project or group of this storage is called so.
            </EmptyState>
          ) : (
            <EmptyState title="Nothing lies here yet" command={`pintle storage show ${storage.name}`} action={<Button component={Link} to="/projects">Projects</Button>}>
              Each project that has a source on this storage gets a folder of its own. What lies there is counted soon after an upload, and when a job has ended.
            </EmptyState>
          )
        }
      />
    </>
  )
}
