import { Button, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { devicesQuery, type Device } from '@/api/cluster'
import { bytesText, counted } from '@/lib/quantity'
import { given } from '@/lib/search-params'
import { CopyIcon } from '@/ui/copy'
import { DataTable, type Column } from '@/ui/data-table'
import { EmptyState } from '@/ui/empty-state'
import { FilterBar, FilterText } from '@/ui/filter-bar'
import { Page } from '@/ui/page'
import { Loaded } from '@/ui/panel'
import { filtered, stateOf, valuesOf } from './device-list'

const route = getRouteApi('/shell/operator/devices')

function state(device: Device) {
  const fault = device.healthy ? null : (device.fault ?? 'unhealthy')
  const use = stateOf(device)
  return (
    <span title={fault ?? undefined}>
      {use !== 'unhealthy' && (
        <span className={use === 'free' ? 'tone-good' : 'tone-busy'}>
          <span aria-hidden="true">{use === 'free' ? '○' : '●'}</span> {use}
        </span>
      )}
      {use !== 'unhealthy' && fault && ', '}
      {fault && (
        <span className="tone-bad">
          <span aria-hidden="true">✕</span> unhealthy
        </span>
      )}
    </span>
  )
}

const kColumns: Column<Device>[] = [
  { id: 'name', header: 'GPU', width: 'minmax(150px, 1.2fr)', always: true, cell: (device) => <span title={device.name}>{device.name}</span> },
  { id: 'model', header: 'Model', width: 'minmax(90px, 0.8fr)', cell: (device) => <span title={device.model}>{device.model}</span> },
  { id: 'memory', header: 'Memory', width: '74px', align: 'end', cell: (device) => (device.memory_bytes === null ? <span className="dim">–</span> : bytesText(device.memory_bytes)) },
  { id: 'state', header: 'State', width: '150px', cell: state },
  { id: 'pool', header: 'Pool', width: 'minmax(100px, 0.9fr)', cell: (device) => <Link to="/operator/pools" search={{ pool: device.pool }} title={device.pool}>{device.pool}</Link> },
  { id: 'job', header: 'Job', width: 'minmax(140px, 1.2fr)', cell: (device) => (device.job ? <Link to="/jobs/$job" params={{ job: device.job }} title={device.job_name ?? undefined}>{device.job_name ?? device.job}</Link> : <span className="dim">–</span>) },
  { id: 'fault', header: 'Fault', width: 'minmax(120px, 1.4fr)', cell: (device) => <span title={device.fault ?? undefined}>{device.fault}</span> },
  { id: 'node', header: 'Node', width: 'minmax(90px, 0.8fr)', cell: (device) => <Link to="/operator/nodes" search={{ node: device.node }} title={device.node}>{device.node}</Link> },
  { id: 'uuid', header: 'UUID', width: 'minmax(120px, 1fr)', cell: (device) => <span className="mono"><CopyIcon value={device.uuid} what="Copy the UUID" /> {device.uuid}</span> },
]

/** The GPUs of all machines: what they are, whether they work, and who uses them. */
export function DevicesPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(devicesQuery)
  const all = query.data ?? []
  const devices = filtered(all, search)
  const narrow = (change: Partial<typeof search>) => void navigate({ search: given({ ...search, ...change }), replace: true })
  const isNarrowed = Object.keys(given(search)).length > 0
  return (
    <Page title="Devices" filled>
      <FilterBar count={query.data && `${counted(devices.length, 'GPU')}${isNarrowed ? ` of ${all.length}` : ''}`}>
        <FilterText label="Filter GPUs" placeholder="Name, model, job, fault" value={search.text ?? ''} onChange={(text) => narrow({ text: text || undefined })} />
        <Select aria-label="State" placeholder="Any state" clearable w={120} data={['free', 'in use', 'unhealthy']} value={search.state ?? null} onChange={(value) => narrow({ state: value === 'free' || value === 'in use' || value === 'unhealthy' ? value : undefined })} />
        <Select aria-label="Pool" placeholder="All pools" clearable searchable w={150} data={valuesOf(all, (device) => device.pool, search.pool)} value={search.pool ?? null} onChange={(pool) => narrow({ pool: pool ?? undefined })} />
        <Select aria-label="Model" placeholder="All models" clearable searchable w={130} data={valuesOf(all, (device) => device.model, search.model)} value={search.model ?? null} onChange={(model) => narrow({ model: model ?? undefined })} />
        <Select aria-label="Node" placeholder="All nodes" clearable searchable w={130} data={valuesOf(all, (device) => device.node, search.node)} value={search.node ?? null} onChange={(node) => narrow({ node: node ?? undefined })} />
      </FilterBar>
      <Loaded query={query} what="The GPUs could not be read">
        {() => (
          <DataTable
            label="Devices"
            columns={kColumns}
            rows={devices}
            rowKey={(device) => device.name}
            empty={
              all.length > 0 ? (
                <EmptyState title="No GPU like that" action={<Button onClick={() => void navigate({ search: {} })}>Show all GPUs</Button>}>
                  No GPU that these filters let through.
                </EmptyState>
              ) : (
                <EmptyState title="No GPU was found" command="pintle doctor" action={<Button component={Link} to="/operator/settings">What the server found</Button>}>
                  GPUs are found through their drivers, every ten seconds anew. The doctor says where it looked and why one is not used; node.gpus in the configuration file declares some, to try things out.
                </EmptyState>
              )
            }
          />
        )}
      </Loaded>
    </Page>
  )
}
