import type { Job } from '@/api/jobs'
import { StateBadge } from '@/ui/state-badge'
import { Elapsed, TimeAgo } from '@/ui/time'
import classes from './job-page.module.css'

/** "0, 1" of a node's GPUs. */
export function devicesText(devices: readonly number[]): string {
  return devices.length > 0 ? devices.map((device) => `gpu ${device}`).join(', ') : '–'
}

interface Props {
  replicas: Job['replicas']
  /** Where a replica's log is shown. */
  onLog: (replica: string) => void
}

/** Where each replica runs or ran, and how it ended. */
export function ReplicaTable({ replicas, onLog }: Props) {
  if (replicas.length === 0) return <div className="dim" style={{ padding: 12 }}>They appear when the job starts.</div>
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="Replicas">
      <table className={classes.table}>
        <thead>
          <tr>
            <th>Replica</th>
            <th>State</th>
            <th>Node</th>
            <th>Devices</th>
            <th>Exit</th>
            <th>Attempt</th>
            <th>Started</th>
            <th>Duration</th>
            <th>
              <span className="visually-hidden">Log</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {replicas.map((replica) => (
            <tr key={replica.name}>
              <td className="mono">{replica.name}</td>
              <td>
                <StateBadge state={replica.state} title={replica.message} />
              </td>
              <td title={replica.address ?? undefined}>{replica.node ?? '–'}</td>
              <td>{devicesText(replica.devices)}</td>
              <td title={replica.message ?? undefined}>{replica.exit_code ?? '–'}</td>
              <td>{replica.attempt}</td>
              <td>
                <TimeAgo at={replica.started_at} />
              </td>
              <td>
                <Elapsed from={replica.started_at} to={replica.ended_at} />
              </td>
              <td>
                <button type="button" onClick={() => onLog(replica.name)} style={{ all: 'unset', cursor: 'pointer', color: 'var(--accent)' }}>
                  log<span className="visually-hidden"> of {replica.name}</span>
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
