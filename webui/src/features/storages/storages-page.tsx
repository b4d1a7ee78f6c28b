import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { bytesText } from '@/lib/quantity'
import { CopyIcon } from '@/ui/copy'
import { DataTable, type Column } from '@/ui/data-table'
import { EmptyState } from '@/ui/empty-state'
import { FilterBar } from '@/ui/filter-bar'
import { Page } from '@/ui/page'
import { Loaded } from '@/ui/panel'
import { storagesQuery, type Storage } from './api'

const kScarce = 5 * 1024 ** 3

const kColumns: Column<Storage>[] = [
  { id: 'name', header: 'Storage', width: 'minmax(120px, 1fr)', always: true, cell: (storage) => <span title={storage.name}>{storage.name}</span> },
  {
    id: 'free',
    header: 'Free',
    width: '130px',
    align: 'end',
    cell: (storage) =>
      storage.free_bytes === null ? (
        <span className="tone-bad">
          <span aria-hidden="true">✕</span> not readable
        </span>
      ) : storage.free_bytes < kScarce ? (
        <span className="tone-waiting">
          <span aria-hidden="true">▲</span> {bytesText(storage.free_bytes)}
        </span>
      ) : (
        bytesText(storage.free_bytes)
      ),
  },
  { id: 'folder', header: 'Folder', width: 'minmax(240px, 3fr)', cell: (storage) => <span className="mono" title={storage.folder}><CopyIcon value={storage.folder} what="Copy the folder" /> {storage.folder}</span> },
]

/** Where cluster storages of projects lie, and how much space is left there. */
export function StoragesPage() {
  const query = useQuery({ ...storagesQuery, refetchInterval: 30_000 })
  return (
    <Page title="Storages" filled>
      <FilterBar>
        <span className="dim">
          Folders for the files of projects, each project in a folder of its own. Storages are added under <code>storages</code> in the server's configuration file, and are there when it starts the next time.
        </span>
      </FilterBar>
      <Loaded query={query} what="The storages could not be read">
        {(storages) => (
          <DataTable
            label="Storages"
            columns={kColumns}
            rows={storages}
            rowKey={(storage) => storage.name}
            empty={
              <EmptyState title="No storage" command="pintle storage list" action={<Button component={Link} to="/operator/settings">What can be configured</Button>}>
                Sources of projects that keep files need one. Name one under storages in the configuration file.
              </EmptyState>
            }
          />
        )}
      </Loaded>
    </Page>
  )
}
