import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Fragment, useMemo, type ReactNode } from 'react'
import { earlierJobQuery, formQuery } from '@/api/forms'
import type { Job } from '@/api/jobs'
import { lookOf, isWaiting } from '@/api/states'
import { fieldsOf, listOf, scalarText } from '@/lib/project-document'
import { valueText } from '@/lib/quantity'
import { clockText, durationText } from '@/lib/time'
import { Loaded, Panel } from '@/ui/panel'
import { Elapsed, TimeAgo, useNow } from '@/ui/time'
import { explanationQuery, jobEventsQuery } from './api'
import { useShownJob } from './job-context'
import { outcomeOf, waitingWords } from './job-words'
import classes from './job-page.module.css'
import { ReplicaTable } from './replica-table'
import { phasesOf, sharesOf, type Phase } from './timeline'

/** A job at a glance; `tail` are the last lines of its logs. */
export function JobOverview({ tail }: { tail: ReactNode }) {
  const job = useShownJob()
  const navigate = useNavigate()
  const outcome = outcomeOf(job)
  const showLog = (replica: string | undefined) => void navigate({ to: '/jobs/$job/logs', params: { job: job.id }, search: replica === undefined ? {} : { replica } })
  return (
    <div className={classes.columns}>
      <div className={classes.column}>
        {outcome && job.state === 'Error' && (
          <div className={classes.failure} data-testid="outcome">
            <span className="tone-bad" aria-hidden="true">
              ✕{' '}
            </span>
            {outcome}
          </div>
        )}
        {outcome && job.state === 'Stopped' && <div data-testid="outcome">{outcome}</div>}
        {isWaiting(job.state) && <Waiting job={job} />}
        <Panel title="Timeline">
          <Timeline job={job} />
        </Panel>
        <Panel title="Replicas" flush>
          <ReplicaTable replicas={job.replicas} onLog={showLog} />
        </Panel>
        <Panel
          title="Last lines"
          flush
          actions={
            <Link to="/jobs/$job/logs" params={{ job: job.id }}>
              All logs
            </Link>
          }
        >
          {tail}
        </Panel>
      </div>
      <div className={classes.column}>
        <Results job={job} />
        {job.form_values !== null && <FilledIn job={job} />}
        <Panel title="About">
          <Facts job={job} />
        </Panel>
        {!isWaiting(job.state) && (
          <Panel title="Why it waited">
            <Waited job={job} />
          </Panel>
        )}
      </div>
    </div>
  )
}

function Waiting({ job }: { job: Job }) {
  const query = useQuery({ ...explanationQuery(job.id), refetchInterval: 30_000 })
  const now = useNow()
  return (
    <div className={classes.waiting} data-testid="waiting">
      <span className="tone-waiting" aria-hidden="true">
        {lookOf(job.state).glyph}{' '}
      </span>
      Waiting for <Elapsed from={job.submitted_at} to={null} />.{job.held !== null && ` Held: ${job.held || 'no reason was given'}.`}
      <Loaded query={query} what="Why it waits could not be read" rows={2}>
        {(explanation) => (
          <ul className={classes.sentences}>
            {waitingWords(explanation, (at) => clockText(Date.parse(at), now)).map((words) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
        )}
      </Loaded>
    </div>
  )
}

function Waited({ job }: { job: Job }) {
  const query = useQuery(explanationQuery(job.id))
  return (
    <Loaded query={query} what="Why it waited could not be read" rows={2}>
      {(explanation) => (
        <div>
          <div>It waited {durationText(explanation.history?.waited_ms ?? explanation.waited_ms)}.</div>
          <ul className={classes.sentences}>
            {explanation.history?.sentences.map((words) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
        </div>
      )}
    </Loaded>
  )
}

function Timeline({ job }: { job: Job }) {
  const query = useQuery(jobEventsQuery(job.id))
  return (
    <Loaded query={query} what="The events could not be read" rows={2}>
      {(events) => <Phases phases={phasesOf(events)} />}
    </Loaded>
  )
}

function Phases({ phases }: { phases: Phase[] }) {
  const now = useNow()
  const shares = sharesOf(phases, now)
  return (
    <>
      <div className={classes.track} aria-hidden="true">
        {phases.map((phase, index) => (
          <span key={index} className={`tone-${lookOf(phase.state).tone}`} style={{ width: `${shares[index]}%` }} title={`${phase.state}: ${phase.text}`} />
        ))}
      </div>
      <ol className={classes.phases}>
        {phases.map((phase, index) => (
          <li key={index} title={phase.text}>
            <span className={`tone-${lookOf(phase.state).tone}`}>
              <span aria-hidden="true">{lookOf(phase.state).glyph}</span> {phase.state}
            </span>{' '}
            <Elapsed from={phase.from} to={phase.to} />
            {phase.to === null && <span className="dim"> until now</span>}
          </li>
        ))}
      </ol>
    </>
  )
}

function Results({ job }: { job: Job }) {
  const all = Object.entries(job.properties as Record<string, unknown>)
  if (all.length === 0) return null
  return (
    <Panel title="Results">
      <dl className={classes.facts}>
        {all.map(([name, value]) => (
          <Fact key={name} name={name}>
            {valueText(value)}
          </Fact>
        ))}
      </dl>
    </Panel>
  )
}

function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

/** The labels of a form's fields as it is now, by their names. */
function labelsOf(fields: unknown, into = new Map<string, string>()): Map<string, string> {
  for (const each of listOf(fields)) {
    const { name, label, elements } = fieldsOf(each)
    if (scalarText(name) !== '' && scalarText(label) !== '') into.set(scalarText(name), scalarText(label))
    labelsOf(elements, into)
  }
  return into
}

function shownValue(value: unknown, files: Readonly<Record<string, string>>): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map((each) => shownValue(each, files)).join(', ')
  if (typeof value === 'string' && files[value] !== undefined) return files[value]
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return value === '' || value === null ? 'empty' : scalarText(value)
}

/** What the form was filled in with that the job was built from. */
function FilledIn({ job }: { job: Job }) {
  const query = useQuery(earlierJobQuery(job.id))
  const form = useQuery(formQuery(job.project)).data
  const labels = useMemo(() => labelsOf(form?.fields), [form])
  return (
    <Panel
      title="Filled in"
      actions={
        <Link to="/projects/$project/form" params={{ project: job.project }}>
          Form
        </Link>
      }
    >
      <Loaded query={query} what="The values could not be read" rows={3}>
        {({ values, files }) => (
          <dl className={classes.facts}>
            {Object.entries(values).map(([name, value]) => (
              <Fact key={name} name={<bdi title={name}>{labels.get(name) ?? name}</bdi>}>
                <span className={`wrap ${value === '' || value === null ? 'dim' : ''}`}>{shownValue(value, files)}</span>
              </Fact>
            ))}
          </dl>
        )}
      </Loaded>
    </Panel>
  )
}

function Facts({ job }: { job: Job }) {
  return (
    <dl className={classes.facts}>
      <Fact name="Owner">
        <bdi>{job.owner}</bdi>
        {job.group && (
          <span className="dim">
            {' '}
            · <bdi>{job.group}</bdi>
          </span>
        )}
      </Fact>
      {job.submitted_by !== job.owner && <Fact name="Submitted by">{job.submitted_by}</Fact>}
      <Fact name="Submitted">
        <TimeAgo at={job.submitted_at} />
      </Fact>
      <Fact name="Started">
        <TimeAgo at={job.started_at} />
      </Fact>
      <Fact name="Ended">
        <TimeAgo at={job.ended_at} />
      </Fact>
      <Fact name="Duration">
        <Elapsed from={job.started_at} to={job.ended_at} />
      </Fact>
      <Fact name="Engine">
        {job.engine}
        {job.image_ignored && <span className="dim"> · the image was ignored</span>}
      </Fact>
      <Fact name="GPUs">{job.gpus > 0 ? `${job.gpus}${job.gpus_held > 0 ? `, ${job.gpus_held} held` : ''}` : 'none'}</Fact>
      {job.pool && <Fact name="Pool">{job.pool}</Fact>}
      <Fact name="Priority">{job.priority}</Fact>
      {job.tags.length > 0 && (
        <Fact name="Tags">
          {job.tags.map((tag, index) => (
            <Fragment key={tag}>
              {index > 0 && ', '}
              <bdi>{tag}</bdi>
            </Fragment>
          ))}
        </Fact>
      )}
      {job.requeues > 0 && <Fact name="Waited again">{job.requeues} times{job.requeued?.reason ? `: ${job.requeued.reason}` : ''}</Fact>}
      {job.cloned_from && (
        <Fact name="Clone of">
          <Link to="/jobs/$job" params={{ job: job.cloned_from }}>
            an earlier job
          </Link>
        </Fact>
      )}
      <Fact name="Id">
        <span className="mono">{job.id}</span>
      </Fact>
    </dl>
  )
}
