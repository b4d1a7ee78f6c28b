import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { stringify } from 'yaml'
import { jobSpecQuery } from '@/api/jobs'
import { CodeEditor } from '@/ui/code-editor'
import { CopyIcon } from '@/ui/copy'
import { DataTable, type Column } from '@/ui/data-table'
import { EmptyState } from '@/ui/empty-state'
import { Loaded, Panel } from '@/ui/panel'
import { ClockTime } from '@/ui/time'
import { jobEventsQuery } from './api'
import { useShownJob } from './job-context'
import classes from './job-page.module.css'
import { ReplicaTable } from './replica-table'
import type { JobEvent } from './timeline'

const kEventColumns: Column<JobEvent>[] = [
  { id: 'number', header: '#', width: '44px', align: 'end', cell: (event) => <span className="dim">{event.sequence}</span> },
  { id: 'at', header: 'When', width: '150px', cell: (event) => <ClockTime at={event.at} /> },
  { id: 'kind', header: 'Event', width: '130px', cell: (event) => event.kind.replaceAll('_', ' ') },
  { id: 'text', header: 'What happened', width: 'minmax(300px, 1fr)', cell: (event) => <span title={event.text}>{event.text}</span> },
]
const eventKey = (event: JobEvent) => String(event.sequence)

/** Everything that happened, in order. */
export function JobEvents() {
  const job = useShownJob()
  const query = useQuery(jobEventsQuery(job.id))
  return (
    <Loaded query={query} what="The events could not be read">
      {(events) => <DataTable label="Events" columns={kEventColumns} rows={events} rowKey={eventKey} empty={<EmptyState title="Nothing happened yet">Everything that happens to a job is written down here.</EmptyState>} />}
    </Loaded>
  )
}

/** The replicas as they are now. */
export function JobReplicas() {
  const job = useShownJob()
  const navigate = useNavigate()
  return (
    <Panel title="Replicas" flush>
      <ReplicaTable replicas={job.replicas} onLog={(replica) => void navigate({ to: '/jobs/$job/logs', params: { job: job.id }, search: { replica } })} />
    </Panel>
  )
}

function kindOf(source: Record<string, unknown>): string {
  return 'git' in source ? 'git' : 'cluster storage'
}

function placeOf(source: Record<string, unknown>): string {
  const { git, cluster_storage: storage } = source
  if (typeof git === 'object' && git !== null && 'repository' in git) return `${String(git.repository)}${'revision' in git ? ` @ ${String(git.revision)}` : ''}`
  return typeof git === 'string' ? git : typeof storage === 'string' ? storage : ''
}

/** What the job read: its sources, and of which revision. */
export function JobInputs() {
  const job = useShownJob()
  const query = useQuery(jobSpecQuery(job.id))
  const revisions = job.revisions as Record<string, unknown>
  return (
    <Loaded query={query} what="The inputs could not be read">
      {(spec) => {
        const sources = spec.sources as Record<string, unknown>[]
        if (sources.length === 0) {
          return (
            <EmptyState title="No inputs" action={<Link to="/projects/$project" params={{ project: job.project }}>Go to the project</Link>}>
              A project’s sources bring programs and data into its jobs, from git or from a storage. This job had none.
            </EmptyState>
          )
        }
        return (
          <Panel title="Sources" flush>
            <div className={classes.scroll} tabIndex={0} role="region" aria-label="Sources">
              <table className={classes.table}>
                <thead>
                  <tr>
                    <th>Source</th>
                    <th>Kind</th>
                    <th>From</th>
                    <th>Mounted at</th>
                    <th>Revision</th>
                  </tr>
                </thead>
                <tbody>
                  {sources.map((source) => {
                    const name = String(source.name ?? '')
                    const revision = revisions[name]
                    return (
                      <tr key={name}>
                        <td>{name}</td>
                        <td>{kindOf(source)}</td>
                        <td className="mono">{placeOf(source)}</td>
                        <td className="mono">{String(source.mount_path ?? '')}</td>
                        <td className="mono">
                          {typeof revision === 'string' ? (
                            <>
                              {revision} <CopyIcon value={revision} what="Copy the revision" />
                            </>
                          ) : (
                            <span className="dim">as it was at the time</span>
                          )}
                        </td>
                      </tr>
                    )
                  })}
                </tbody>
              </table>
            </div>
          </Panel>
        )
      }}
    </Loaded>
  )
}

/** Exactly what runs, frozen when the job was submitted. */
export function JobSpec() {
  const job = useShownJob()
  const query = useQuery(jobSpecQuery(job.id))
  const text = useMemo(() => (query.data ? stringify(query.data, { lineWidth: 0 }) : ''), [query.data])
  return (
    <Loaded query={query} what="The specification could not be read" rows={10}>
      {() => (
        <div style={{ display: 'flex', flexDirection: 'column', flex: 1, minHeight: 0, padding: '8px 16px 12px', gap: 6 }}>
          <div>
            <span className="dim">Frozen when the job was submitted.</span> <CopyIcon value={text} what="Copy the specification" />
          </div>
          <div style={{ flex: 1, minHeight: 0 }}>
            <CodeEditor value={text} language="yaml" label="Specification" readOnly />
          </div>
        </div>
      )}
    </Loaded>
  )
}
