import { Button, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { JobShort } from '@/api/jobs'
import { isWaiting } from '@/api/states'
import { counted, valueText } from '@/lib/quantity'
import { EmptyState } from '@/ui/empty-state'
import { Page } from '@/ui/page'
import { Loaded, Panel } from '@/ui/panel'
import { StateBadge } from '@/ui/state-badge'
import { ClockTime, Elapsed, TimeAgo } from '@/ui/time'
import { capabilityQuery, homeProjectsQuery, liveJobsQuery, recentJobsQuery } from './api'
import classes from './home-page.module.css'
import { headline, likelyProjects } from './recent-projects'

/** What runs, what waits and why, and how it ended: what somebody asks first in the morning. */
export function HomePage() {
  const projects = useQuery(homeProjectsQuery)
  const newProject = (
    <Button component={Link} to="/projects/new" variant="filled">
      New project
    </Button>
  )
  return (
    <Page title="Home" actions={newProject}>
      {projects.data?.length === 0 ? (
        <EmptyState title="Your first project" command="pintle project create -f pintle.yaml" action={newProject}>
          A project holds your code and data as sources, and what can be run as tasks. Make one here, from a file, or from a git repository; then run a task and watch it.
        </EmptyState>
      ) : (
        <div className={classes.columns}>
          <div className={classes.column}>
            <Running />
            <Recent />
          </div>
          <div className={classes.column}>
            <Waiting />
            <Gpus />
            <Panel title="Projects" actions={<Link to="/projects">All projects</Link>} flush>
              <Loaded query={projects} what="The projects could not be read">
                {(all) => (
                  <ul className={classes.list}>
                    {likelyProjects(all, 8).map((project) => (
                      <li key={project.id} className={classes.why}>
                        <div className={classes.line}>
                          <Link to="/projects/$project" params={{ project: project.name }} className="clip">
                            {project.name}
                          </Link>
                          <span className="dim" style={{ whiteSpace: 'nowrap' }}>
                            {project.jobs.live > 0 ? `${counted(project.jobs.live, 'job')} live` : <TimeAgo at={project.updated_at} />}
                          </span>
                        </div>
                        {project.summary_line && <div className="dim clip">{project.summary_line}</div>}
                      </li>
                    ))}
                  </ul>
                )}
              </Loaded>
            </Panel>
          </div>
        </div>
      )}
    </Page>
  )
}

function JobName({ job }: { job: JobShort }) {
  return (
    <Link to="/jobs/$job" params={{ job: job.id }} className="clip" title={job.name}>
      {job.name}
    </Link>
  )
}

function Nothing({ children }: { children: ReactNode }) {
  return (
    <Text c="dimmed" p={12}>
      {children}
    </Text>
  )
}

function Running() {
  const live = useQuery(liveJobsQuery)
  return (
    <Panel title="Running" actions={<Link to="/jobs">All jobs</Link>} flush>
      <Loaded query={live} what="Your running jobs could not be read">
        {(jobs) => {
          const running = jobs.filter((job) => !isWaiting(job.state))
          if (running.length === 0) return <Nothing>Nothing of yours runs now.</Nothing>
          return (
            <ul className={classes.list}>
              {running.map((job) => (
                <li key={job.id} className={classes.row}>
                  <JobName job={job} />
                  <StateBadge state={job.state} title={job.reason} />
                  <Values job={job} />
                  <span className={classes.end}>
                    <Elapsed from={job.started_at} to={null} />
                  </span>
                </li>
              ))}
            </ul>
          )
        }}
      </Loaded>
    </Panel>
  )
}

function Values({ job }: { job: JobShort }) {
  return (
    <span className="clip">
      {headline(job.properties).map(([name, value]) => (
        <span key={name} style={{ marginRight: 10 }}>
          <span className="dim">{name}</span> {valueText(value)}
        </span>
      ))}
      {job.state === 'Error' && <span className="dim">{job.reason}</span>}
    </span>
  )
}

function Waiting() {
  const live = useQuery(liveJobsQuery)
  return (
    <Panel title="Waiting, and why" actions={<Link to="/queue">Queue</Link>} flush>
      <Loaded query={live} what="Your waiting jobs could not be read" rows={3}>
        {(jobs) => {
          const waiting = jobs.filter((job) => isWaiting(job.state))
          if (waiting.length === 0) return <Nothing>Nothing of yours waits.</Nothing>
          return (
            <ul className={classes.list}>
              {waiting.map((job) => (
                <li key={job.id} className={classes.why}>
                  <div className={classes.line}>
                    <JobName job={job} />
                    <span className="dim" style={{ whiteSpace: 'nowrap' }}>
                      {job.forecast ? (
                        <>
                          about <ClockTime at={job.forecast.median} />
                        </>
                      ) : (
                        <TimeAgo at={job.submitted_at} />
                      )}
                    </span>
                  </div>
                  <div className="wrap">
                    <StateBadge state={job.state} /> <span className="dim">{job.held ? `held: ${job.held}` : job.reason}</span>
                  </div>
                </li>
              ))}
            </ul>
          )
        }}
      </Loaded>
    </Panel>
  )
}

function Recent() {
  const recent = useQuery(recentJobsQuery)
  return (
    <Panel title="Recent results" flush>
      <Loaded query={recent} what="Your results could not be read">
        {(jobs) =>
          jobs.length === 0 ? (
            <Nothing>Jobs that have ended are listed here, with the values that they reported.</Nothing>
          ) : (
            <ul className={classes.list}>
              {jobs.map((job) => (
                <li key={job.id} className={classes.row}>
                  <JobName job={job} />
                  <StateBadge state={job.state} title={job.reason} />
                  <Values job={job} />
                  <span className={`${classes.end} dim`}>
                    <TimeAgo at={job.ended_at} />
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  )
}

function Gpus() {
  const capability = useQuery(capabilityQuery)
  return (
    <Panel title="GPUs of your group">
      <Loaded query={capability} what="Your pool could not be read" rows={2}>
        {(found) => (
          <>
            <Text>{found.total === 0 ? `The pool ${found.pool.name} has no GPUs; jobs run on the processors.` : `${found.free} of ${found.total} free in the pool ${found.pool.name}`}</Text>
            {found.models.map((model) => (
              <Text key={model.model} c="dimmed">
                {model.model}: {model.free} of {model.total} free
              </Text>
            ))}
          </>
        )}
      </Loaded>
    </Panel>
  )
}
