import { Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { nodesQuery, type Node } from '@/api/cluster'
import { bytesText, coresText, counted } from '@/lib/quantity'
import { given } from '@/lib/search-params'
import { DataTable, type Column } from '@/ui/data-table'
import { EmptyState } from '@/ui/empty-state'
import { Meter } from '@/ui/meter'
import { Page } from '@/ui/page'
import { Loaded } from '@/ui/panel'
import { Facts, SidePane, Split } from '@/ui/side-pane'
import { StateBadge } from '@/ui/state-badge'
import { Elapsed, TimeAgo } from '@/ui/time'
import { healthOf } from './health'

const route = getRouteApi('/shell/operator/nodes')

/** A bar with words of its own: bytes and cores are no counts. */
function Share({ used, total, label, text }: { used: number; total: number; label: string; text: string }) {
  return (
    <span style={{ display: 'grid', gridTemplateColumns: 'minmax(40px, 1fr) minmax(76px, max-content)', gap: 8, alignItems: 'center' }}>
      <span role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={total} aria-valuenow={used} aria-valuetext={text} style={{ height: 8, borderRadius: 2, overflow: 'hidden', background: 'var(--quiet-soft)', border: '1px solid var(--line)' }}>
        <span style={{ display: 'block', height: '100%', width: `${total > 0 ? Math.min(100, (used / total) * 100) : 0}%`, background: 'var(--busy)' }} />
      </span>
      <span className="clip" title={text}>
        {text}
      </span>
    </span>
  )
}

const cpuText = (node: Node) => `${coresText(node.cpu_millis_used)}/${coresText(node.cpu_millis)}`
const memoryText = (node: Node) => `${bytesText(node.memory_bytes_used)}/${bytesText(node.memory_bytes)}`

const kColumns: Column<Node>[] = [
  { id: 'name', header: 'Node', width: 'minmax(120px, 1.2fr)', always: true, cell: (node) => <span title={node.name}>{node.name}</span> },
  { id: 'health', header: 'Health', width: '100px', cell: (node) => <StateBadge state={healthOf(node).word} title={healthOf(node).unhealthy > 0 ? `${counted(healthOf(node).unhealthy, 'GPU')} unhealthy` : null} /> },
  { id: 'gpus', header: 'GPUs in use', width: '150px', cell: (node) => (node.devices.length > 0 ? <Meter label={`GPUs of ${node.name} in use`} used={healthOf(node).used} total={healthOf(node).gpus} broken={healthOf(node).unhealthy} /> : <span className="dim">none</span>) },
  { id: 'cpu', header: 'CPUs requested', width: '170px', cell: (node) => <Share label={`CPUs of ${node.name} requested`} used={node.cpu_millis_used} total={node.cpu_millis} text={cpuText(node)} /> },
  { id: 'memory', header: 'Memory requested', width: 'minmax(220px, 1fr)', cell: (node) => <Share label={`Memory of ${node.name} requested`} used={node.memory_bytes_used} total={node.memory_bytes} text={memoryText(node)} /> },
  { id: 'replicas', header: 'Replicas', width: '64px', align: 'end', cell: (node) => node.replicas },
  { id: 'up', header: 'Up for', width: '90px', cell: (node) => <Elapsed from={node.booted_at} to={null} /> },
]

/** The machines that run replicas, and how full they are. */
export function NodesPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(nodesQuery)
  const show = (node: string | undefined) => void navigate({ search: given({ node }) })
  return (
    <Page title="Nodes" filled>
      <Loaded query={query} what="The nodes could not be read">
        {(nodes) => {
          const chosen = nodes.find((node) => node.name === search.node)
          return (
            <Split pane={search.node !== undefined && <NodePane name={search.node} node={chosen} onClose={() => show(undefined)} />}>
              <DataTable
                label="Nodes"
                columns={kColumns}
                rows={nodes}
                rowKey={(node) => node.name}
                onOpen={(node) => show(node.name)}
                empty={
                  <EmptyState title="No node" command="pintle node list">
                    Nodes are the machines on which replicas run. The server's own machine is one as long as it runs.
                  </EmptyState>
                }
              />
            </Split>
          )
        }}
      </Loaded>
    </Page>
  )
}

function NodePane({ name, node, onClose }: { name: string; node: Node | undefined; onClose: () => void }) {
  return (
    <SidePane title={name} onClose={onClose}>
      {node ? <NodeDetails node={node} /> : <p className="dim">There is no such node now.</p>}
    </SidePane>
  )
}

function NodeDetails({ node }: { node: Node }) {
  const health = healthOf(node)
  const labels = Object.entries(node.labels)
  return (
    <Stack gap={16}>
      <Facts
        facts={[
          ['Health', <StateBadge key="health" state={health.word} />],
          ['GPUs', <Link key="gpus" to="/operator/devices" search={{ node: node.name }}>{`${health.gpus}: ${health.used} in use, ${health.unhealthy} unhealthy`}</Link>],
          ['System', node.os ?? '–'],
          ['Kernel', node.kernel ?? '–'],
          ['CPU', `${node.cpu_model ?? 'unknown'}${node.cpus === null ? '' : `, ${counted(node.cpus, 'core')}`}`],
          ['CPUs', `${cpuText(node)} requested`],
          ['Memory', `${memoryText(node)} requested`],
          ['Replicas', node.replicas],
          ['Started', node.booted_at ? <TimeAgo key="at" at={node.booted_at} /> : '–'],
          ['Labels', labels.length > 0 ? labels.map(([key, value]) => `${key}=${String(value)}`).join(', ') : 'none; node.labels in the configuration file sets them'],
        ]}
      />
      {node.devices.length > 0 && (
        <section aria-label="GPUs">
          <ul style={{ listStyle: 'none', margin: 0, padding: 0 }}>
            {node.devices.map((device) => (
              <li key={device.uuid} style={{ display: 'grid', gridTemplateColumns: '24px 70px minmax(0, 1fr) minmax(0, 1.4fr)', gap: 10, padding: '4px 0', borderBottom: '1px solid var(--line)' }}>
                <span className="dim">{device.index}</span>
                <span className="clip" title={device.model}>
                  {device.model}
                </span>
                <Link to="/operator/pools" search={{ pool: device.pool }} className="clip" title={device.pool}>
                  {device.pool}
                </Link>
                <span className="clip" title={device.job_name ?? device.fault ?? undefined}>
                  {device.job ? (
                    <Link to="/jobs/$job" params={{ job: device.job }}>
                      {device.job_name ?? device.job}
                    </Link>
                  ) : device.healthy ? (
                    <span className="dim">free</span>
                  ) : (
                    <span className="tone-bad">
                      <span aria-hidden="true">✕</span> {device.fault ?? 'unhealthy'}
                    </span>
                  )}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </Stack>
  )
}
