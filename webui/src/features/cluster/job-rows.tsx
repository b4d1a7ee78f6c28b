import { Link } from '@tanstack/react-router'
import type { Schemas } from '@/api/client'
import { StateBadge } from '@/ui/state-badge'
import { Elapsed, TimeAgo } from '@/ui/time'
import classes from './cluster-page.module.css'

type JobShort = Schemas['JobShort']

function JobLink({ job }: { job: JobShort }) {
  return (
    <Link to="/jobs/$job" params={{ job: job.id }} className="clip" title={job.name}>
      {job.name}
    </Link>
  )
}

export function RunningRows({ jobs }: { jobs: readonly JobShort[] }) {
  return (
    <ul className={classes.rows}>
      {jobs.map((job) => (
        <li key={job.id} className={`${classes.row} ${classes.job}`}>
          <JobLink job={job} />
          <StateBadge state={job.state} title={job.reason} />
          <span className="clip dim" title={`${job.owner}${job.gpus_held > 0 ? `, ${job.gpus_held} GPUs` : ''}`}>
            {job.owner}
            {job.gpus_held > 0 && ` · ${job.gpus_held} GPU${job.gpus_held === 1 ? '' : 's'}`}
          </span>
          <span className={classes.aside}>
            <Elapsed from={job.started_at} to={job.ended_at} />
          </span>
        </li>
      ))}
    </ul>
  )
}

export function FailureRows({ jobs }: { jobs: readonly JobShort[] }) {
  return (
    <ul className={classes.rows}>
      {jobs.map((job) => (
        <li key={job.id} className={`${classes.row} ${classes.failure}`}>
          <JobLink job={job} />
          <span className="clip" title={job.reason ?? undefined}>
            <span className="tone-bad" aria-hidden="true">
              ✕
            </span>{' '}
            {job.reason ?? 'Error'}
          </span>
          <span className={classes.aside}>
            <TimeAgo at={job.ended_at} />
          </span>
        </li>
      ))}
    </ul>
  )
}
