import { useQueries, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { devicesQuery, poolsQuery } from '@/api/cluster'
import { Loaded } from '@/ui/panel'
import { nodeMetricsQuery, usageQuery, type Metrics, type NodeUsage } from './api'
import { poolUsage } from './pool-usage'
import { amountText } from './plots'
import classes from './metrics.module.css'
import { Spark } from './spark'

/** So many machines have their last hour drawn; of more the page would only be long. */
const kMostDrawn = 12

/** What machines and pools use now, and used in the last hour; for operators. */
export function NodeUsages() {
  const usage = useQuery(usageQuery)
  return (
    <Loaded query={usage} what="What machines use could not be read" rows={3}>
      {(now) => (
        <>
          <Nodes nodes={now.nodes} />
          <Pools nodes={now.nodes} />
        </>
      )}
    </Loaded>
  )
}

function Nodes({ nodes }: { nodes: NodeUsage[] }) {
  const hours = useQueries({ queries: nodes.slice(0, kMostDrawn).map((node) => nodeMetricsQuery(node.name)) })
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="Use of machines">
      <table className={classes.usage}>
        <thead>
          <tr>
            <th>Machine</th>
            <th>CPU</th>
            <th>Memory</th>
            <th>GPU</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((node, index) => {
            const hour = hours[index]?.data
            const cores = node.cpu_millis / 1000
            return (
              <tr key={node.name}>
                <th scope="row" className="clip" title={node.name}>
                  <Link to="/operator/nodes" search={{ node: node.name }}>
                    {node.name}
                  </Link>
                </th>
                <td>
                  <Cell hour={hour} name="cpu_percent" title="CPU" most={cores * 100} text={node.cpu_percent === null ? null : `${(node.cpu_percent / 100).toFixed(1)} of ${cores} cores`} />
                </td>
                <td>
                  <Cell
                    hour={hour}
                    name="memory_mb"
                    title="Memory"
                    most={node.total_memory_bytes / 1e6}
                    text={node.memory_mb === null ? null : `${(node.memory_mb / 1000).toFixed(1)} of ${(node.total_memory_bytes / 1e9).toFixed(1)} GB`}
                  />
                </td>
                <td>
                  {node.gpu_percent === null && node.devices.every((device) => device.gpu_percent === null) ? (
                    <span className="dim">{node.devices.length === 0 ? 'has none' : 'not measured'}</span>
                  ) : (
                    <Cell hour={hour} name="gpu_percent" title="GPU" most={100} text={node.gpu_percent === null ? null : amountText(node.gpu_percent, '%')} />
                  )}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

interface CellProps {
  hour: Metrics | undefined
  name: string
  title: string
  /** What would fill it. */
  most: number
  text: string | null
}

function Cell({ hour, name, title, most, text }: CellProps) {
  const curve = hour?.metrics.find((metric) => metric.name === name && !metric.reported)
  return (
    <span className={classes.spark}>
      <Spark curve={curve?.curves[0]} widthMs={curve?.width_ms ?? 0} seconds={3600} most={most} title={`${title} in the last hour`} />
      {text ?? <span className="dim">not measured</span>}
    </span>
  )
}

function Pools({ nodes }: { nodes: NodeUsage[] }) {
  const pools = useQuery(poolsQuery)
  const devices = useQuery(devicesQuery)
  const rows = useMemo(() => poolUsage(pools.data ?? [], devices.data ?? [], nodes), [pools.data, devices.data, nodes])
  // Where no GPU is measured there is nothing to say of pools.
  if (rows.every((row) => row.measured === 0)) return null
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="Use of pools">
      <table className={classes.usage}>
        <thead>
          <tr>
            <th>Pool</th>
            <th>GPU</th>
            <th>GPU memory</th>
            <th>Power</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <th scope="row" className="clip" title={row.name}>
                {row.name}
              </th>
              <td>{row.percent === null ? <span className="dim">not measured</span> : `${amountText(row.percent, '%')} of ${row.measured}`}</td>
              <td>{row.memoryMb === null ? '–' : amountText(row.memoryMb, 'MB')}</td>
              <td>{row.watts === null ? '–' : amountText(row.watts, 'W')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
