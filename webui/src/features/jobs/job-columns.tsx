import { hasEnded, isWaiting } from '@/api/states'
import type { JobShort } from '@/api/jobs'
import { valueText } from '@/lib/quantity'
import { exactText } from '@/lib/time'
import type { Column } from '@/ui/data-table'
import { RowLink } from '@/ui/row-link'
import { StateBadge } from '@/ui/state-badge'
import { ClockTime, Elapsed, TimeAgo } from '@/ui/time'

/** What most people do not need at first. */
export const kHiddenAtFirst: readonly string[] = ['project', 'task', 'priority', 'started', 'ended', 'group', 'tags', 'id']

/** Why a job waits and when it will start, in a sentence. */
export function waitingSentence(job: JobShort): string {
  const why = job.held ? `Held: ${job.held}` : job.reason ? job.reason.charAt(0).toUpperCase() + job.reason.slice(1) : 'It waits for its turn'
  const end = /[.!?]$/.test(why) ? '' : '.'
  if (!job.forecast) return `${why}${end} There is no forecast.`
  const median = exactText(Date.parse(job.forecast.median))
  const high = exactText(Date.parse(job.forecast.high))
  return `${why}${end} It starts at about ${median}${high === median ? '' : `, or by ${high} in 9 of 10 cases`}.`
}

/** What is worth knowing of a job beside its state: when it starts, why it failed. */
function Note({ job }: { job: JobShort }) {
  if (isWaiting(job.state)) {
    return (
      <span className="clip" title={waitingSentence(job)} data-testid="forecast">
        {job.held ? 'held' : job.forecast ? <>starts about <ClockTime at={job.forecast.median} /></> : 'no forecast'}
        <span className="dim"> · {job.held ?? job.reason}</span>
      </span>
    )
  }
  return (
    <span className="clip dim" title={job.reason ?? undefined}>
      {job.reason}
    </span>
  )
}

function Results({ properties }: { properties: JobShort['properties'] }) {
  const all = Object.entries(properties as Record<string, unknown>)
  const text = all.map(([name, value]) => `${name} ${valueText(value)}`)
  return (
    <span className="clip" title={text.join('\n')}>
      {text.slice(0, 4).join('  ')}
    </span>
  )
}

function Name({ job, inProject }: { job: JobShort; inProject: boolean }) {
  return (
    <RowLink href={`/jobs/${job.id}`} title={job.name}>
      {inProject ? `${job.task}:${job.build}` : job.name}
    </RowLink>
  )
}

function Clipped({ text }: { text: string | null }) {
  return (
    <span className="clip" title={text ?? undefined}>
      {text}
    </span>
  )
}

const kOfAll: Column<JobShort> = { id: 'project', header: 'Project', width: 'minmax(100px, 1fr)', cell: (job) => <Clipped text={job.project} /> }

/** The columns of a list of jobs; within a project the names are shorter. */
export function jobColumns(inProject: boolean): Column<JobShort>[] {
  return [
    { id: 'name', header: 'Job', width: 'minmax(170px, 2fr)', always: true, sort: { up: 'name' }, cell: (job) => <Name job={job} inProject={inProject} /> },
    { id: 'state', header: 'State', width: '140px', always: true, sort: { up: 'state' }, cell: (job) => <StateBadge state={job.state} title={isWaiting(job.state) ? waitingSentence(job) : job.reason} /> },
    ...(inProject ? [] : [kOfAll]),
    { id: 'task', header: 'Task', width: 'minmax(80px, 1fr)', cell: (job) => <Clipped text={job.task} /> },
    { id: 'note', header: 'Forecast or reason', width: 'minmax(150px, 2.5fr)', cell: (job) => <Note job={job} /> },
    { id: 'results', header: 'Results', width: 'minmax(90px, 1.5fr)', cell: (job) => <Results properties={job.properties} /> },
    { id: 'tags', header: 'Tags', width: 'minmax(80px, 1fr)', cell: (job) => <Clipped text={job.tags.join(', ')} /> },
    { id: 'gpus', header: 'GPUs', width: '48px', align: 'end', cell: (job) => (job.gpus > 0 ? job.gpus : <span className="dim">–</span>) },
    { id: 'priority', header: 'Priority', width: '64px', align: 'end', cell: (job) => job.priority },
    { id: 'owner', header: 'Owner', width: '100px', sort: { up: 'owner' }, cell: (job) => <Clipped text={job.owner} /> },
    { id: 'group', header: 'Group', width: '110px', cell: (job) => <Clipped text={job.group} /> },
    { id: 'submitted', header: 'Submitted', width: '96px', sort: { up: 'oldest', down: 'newest' }, cell: (job) => <TimeAgo at={job.submitted_at} /> },
    { id: 'started', header: 'Started', width: '96px', cell: (job) => <TimeAgo at={job.started_at} /> },
    { id: 'ended', header: 'Ended', width: '96px', sort: { down: 'ended' }, cell: (job) => <TimeAgo at={job.ended_at} /> },
    { id: 'duration', header: 'Duration', width: '92px', align: 'end', sort: { up: 'shortest', down: 'longest' }, cell: (job) => <Elapsed from={job.started_at} to={hasEnded(job.state) ? (job.ended_at ?? job.started_at) : null} /> },
    { id: 'id', header: 'Id', width: '210px', cell: (job) => <span className="mono clip">{job.id}</span> },
  ]
}
