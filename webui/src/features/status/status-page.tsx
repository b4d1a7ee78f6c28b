import { ActionIcon, Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Fragment, useState } from 'react'
import { EmptyState } from '@/ui/empty-state'
import { Loaded } from '@/ui/panel'
import { StateBadge } from '@/ui/state-badge'
import { TimeAgo } from '@/ui/time'
import { statusQuery, type Status, type StatusRow } from './api'
import classes from './status-page.module.css'

const route = getRouteApi('/shell/projects/$project/status')

/** The actual states of what runs of a project, with reason and events for what is in trouble. */
export function StatusPage() {
  const { project } = route.useParams()
  const query = useQuery(statusQuery(project))
  return (
    <div className={classes.page}>
      <Loaded query={query} what="The status could not be read">
        {(status) => <Shown project={project} status={status} isReading={query.isFetching} onRefresh={() => void query.refetch()} failed={query.error !== null} />}
      </Loaded>
    </div>
  )
}

interface ShownProps {
  project: string
  status: Status
  isReading: boolean
  failed: boolean
  onRefresh: () => void
}

function Shown({ project, status, isReading, failed, onRefresh }: ShownProps) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const refresh = (
    <Button onClick={onRefresh} loading={isReading}>
      Refresh
    </Button>
  )
  if (status.rows.length === 0) {
    return (
      <EmptyState title="Nothing runs" command={`pintle status ${project}`} action={refresh}>
        What runs of this project is listed here with its processes: components such as Jupyter, and the jobs of its tasks.
      </EmptyState>
    )
  }
  const toggle = (key: string) => {
    const next = new Set(open)
    if (!next.delete(key)) next.add(key)
    setOpen(next)
  }
  return (
    <>
      <div className={classes.bar}>
        <span className="dim">
          As of <TimeAgo at={status.at} />
          {failed && <span className="tone-bad"> · it could not be read again</span>}
        </span>
        {refresh}
      </div>
      <div className={classes.scroller}>
        <table className={classes.table} aria-label="What runs">
          <thead>
            <tr>
              <th className={classes.toggle}>
                <span className="visually-hidden">Processes</span>
              </th>
              <th>Name</th>
              <th>Type</th>
              <th>Status</th>
              <th>Processes</th>
            </tr>
          </thead>
          <tbody>
            {status.rows.map((row) => {
              const key = `${row.type} ${row.name}`
              return (
                <Fragment key={key}>
                  <tr>
                    <td>
                      {row.pods.length > 0 && (
                        <ActionIcon size="sm" onClick={() => toggle(key)} aria-expanded={open.has(key)} aria-label={`Processes of ${row.name}`}>
                          <span aria-hidden="true">{open.has(key) ? '−' : '+'}</span>
                        </ActionIcon>
                      )}
                    </td>
                    <td className="clip" title={row.name}>
                      <Name project={project} row={row} />
                    </td>
                    <td className="dim">{row.type === 'Ui' ? 'Component' : 'Task'}</td>
                    <td>
                      <StateBadge state={row.status} title={row.reason} />
                    </td>
                    <td className="dim">{row.pods.length}</td>
                  </tr>
                  {open.has(key) && <Pods row={row} />}
                  {(row.reason !== null || row.events.length > 0) && <Trouble row={row} />}
                </Fragment>
              )
            })}
          </tbody>
        </table>
        {status.left_out > 0 && <div className="dim" style={{ padding: 12 }}>And {status.left_out} more jobs.</div>}
      </div>
    </>
  )
}

function Name({ project, row }: { project: string; row: StatusRow }) {
  if (row.type === 'Ui') {
    return (
      <Link to="/projects/$project/components/$component" params={{ project, component: row.name }}>
        {row.name}
      </Link>
    )
  }
  return row.job === null ? (
    <>{row.name}</>
  ) : (
    <Link to="/jobs/$job" params={{ job: row.job }}>
      {row.name}
    </Link>
  )
}

function Pods({ row }: { row: StatusRow }) {
  return row.pods.map((pod) => (
    <tr key={pod.name} className={classes.pod}>
      <td />
      <td className="mono clip" title={pod.name}>
        {pod.name}
      </td>
      <td className="dim clip" title={pod.node ?? ''}>
        {pod.node}
      </td>
      <td>
        <StateBadge state={pod.status} title={pod.message} />
      </td>
      <td className="dim clip" title={pod.message ?? ''}>
        {pod.message ?? (pod.attempt > 1 ? `started ${pod.attempt} times` : '')}
      </td>
    </tr>
  ))
}

function Trouble({ row }: { row: StatusRow }) {
  return (
    <tr>
      <td />
      <td colSpan={4} className={classes.trouble}>
        {row.reason !== null && <div className={`${classes.reason} wrap`}>{row.reason}</div>}
        {row.events.length > 0 && (
          <table className={classes.events} aria-label={`Events of ${row.name}`}>
            <thead>
              <tr>
                <th>Message</th>
                <th>Source</th>
                <th>Count</th>
                <th>First seen</th>
                <th>Last seen</th>
              </tr>
            </thead>
            <tbody>
              {row.events.map((event, index) => (
                <tr key={index}>
                  <td className="wrap">
                    {event.type === 'Warning' && (
                      <span className="tone-waiting" title="A warning">
                        <span aria-hidden="true">▲</span>{' '}
                      </span>
                    )}
                    {event.message}
                  </td>
                  <td className="dim">{event.source}</td>
                  <td>{event.count}</td>
                  <td className="dim">
                    <TimeAgo at={event.first_seen} />
                  </td>
                  <td className="dim">
                    <TimeAgo at={event.last_seen} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </td>
    </tr>
  )
}
