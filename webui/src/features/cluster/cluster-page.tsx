import { SegmentedControl } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, linkOptions } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { doctorQuery, nodesQuery, poolsQuery, queueQuery, queueSummaryQuery } from '@/api/cluster'
import { counted } from '@/lib/quantity'
import { durationText, exactText } from '@/lib/time'
import { Page } from '@/ui/page'
import { Loaded, Panel } from '@/ui/panel'
import { StateBadge } from '@/ui/state-badge'
import { useNow } from '@/ui/time'
import { failuresQuery, numbersQuery, peopleQuery, runningQuery } from './api'
import classes from './cluster-page.module.css'
import { endedSince, healthOf, kRunningStates, kSpans, runningIn, waitsFor, type Span } from './glance'
import { FailureRows, RunningRows } from './job-rows'
import { Figure, unknown } from './parts'
import { PoolRows } from './pool-rows'

const route = getRouteApi('/shell/operator/')
const kMostRows = 8

/** The cluster at a glance; every number leads to the list behind it. `usage` is what its machines and pools use. */
export function ClusterPage({ usage }: { usage: ReactNode }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const span = kSpans.find((each) => each.value === search.span) ?? kSpans[0]!
  const setSpan = (value: string) => void navigate({ search: value === '1h' ? {} : { span: value as Span }, replace: true })
  return (
    <Page title="Cluster" actions={<SegmentedControl aria-label="Failures of" value={span.value} onChange={setSpan} data={kSpans.map(({ value, label }) => ({ value, label }))} />}>
      <Figures span={span} />
      <div className={classes.grid}>
        <div className={classes.column}>
          <PoolsPanel />
          <Panel title="Use in the last hour" flush>
            {usage}
          </Panel>
          <RunningPanel />
          <FailuresPanel span={span} />
        </div>
        <div className={classes.column}>
          <QueuePanel />
          <HealthPanel />
          <DoctorPanel />
        </div>
      </div>
    </Page>
  )
}

type SpanOf = (typeof kSpans)[number]

function Figures({ span }: { span: SpanOf }) {
  const queue = useQuery(queueSummaryQuery)
  const nodes = useQuery(nodesQuery)
  const numbers = useQuery(numbersQuery(span.value))
  const health = nodes.data && healthOf(nodes.data)
  const waiting = queue.data
  return (
    <div className={classes.figures}>
      <Figure
        name="GPUs in use"
        link={{ to: '/operator/devices', search: { state: 'in use' } }}
        number={waiting ? `${waiting.used}/${waiting.gpus}` : unknown(queue)}
        more={waiting ? `${waiting.free} free${waiting.unhealthy > 0 ? `, ${waiting.unhealthy} unhealthy` : ''}` : ' '}
      />
      <Figure
        name="Waiting"
        link={{ to: '/operator/queue' }}
        number={waiting ? waiting.waiting_jobs : unknown(queue)}
        more={waiting ? (waiting.oldest_wait_ms === null ? 'nobody waits' : `oldest ${durationText(waiting.oldest_wait_ms)}`) : ' '}
      />
      <Figure
        name="Running"
        link={linkOptions({ to: '/jobs', search: { show: 'everyone', states: kRunningStates } })}
        number={numbers.data ? runningIn(numbers.data.by_state) : unknown(numbers)}
        more={waiting ? `with ${counted(waiting.used, 'GPU')}` : ' '}
      />
      <Figure
        name={`Failed ${span.words}`}
        link={linkOptions({ to: '/jobs', search: { show: 'everyone', states: ['Error'], ended: span.value, order: 'ended' } })}
        number={
          numbers.data ? (
            <span className={numbers.data.failed_since > 0 ? 'tone-bad' : undefined}>
              {numbers.data.failed_since > 0 && <span aria-hidden="true">✕ </span>}
              {numbers.data.failed_since}
            </span>
          ) : (
            unknown(numbers)
          )
        }
        more={numbers.data ? <span title={`counted since ${exactText(Date.parse(numbers.data.since))}`}>{counted(numbers.data.complete_since, 'job')} complete</span> : ' '}
      />
      <Figure
        name="Nodes"
        link={{ to: '/operator/nodes' }}
        number={health ? health.nodes : unknown(nodes)}
        more={health ? (health.degraded.length === 0 ? <StateBadge state="healthy" /> : <span className="tone-waiting"><span aria-hidden="true">▲</span> {health.degraded.length} degraded</span>) : ' '}
      />
      <Figure
        name="Unhealthy GPUs"
        link={{ to: '/operator/devices', search: { state: 'unhealthy' } }}
        number={health ? <span className={health.unhealthy.length > 0 ? 'tone-bad' : undefined}>{health.unhealthy.length > 0 && <span aria-hidden="true">✕ </span>}{health.unhealthy.length}</span> : unknown(nodes)}
        more={health ? `of ${health.devices}` : ' '}
      />
    </div>
  )
}

function PoolsPanel() {
  const pools = useQuery(poolsQuery)
  const users = useQuery(peopleQuery)
  return (
    <Panel title="GPUs by pool" flush actions={<Link to="/operator/pools">Pools</Link>}>
      <Loaded query={pools} what="The pools could not be read" rows={3}>
        {(known) => <PoolRows pools={known} users={users.data ?? []} />}
      </Loaded>
    </Panel>
  )
}

function RunningPanel() {
  const query = useQuery(runningQuery)
  return (
    <Panel title="Running jobs" flush actions={<Link to="/jobs" search={{ show: 'everyone', live: true }}>All live jobs</Link>}>
      <Loaded query={query} what="The running jobs could not be read" rows={3}>
        {(jobs) => (jobs.length === 0 ? <p className={classes.note}>Nothing runs.</p> : <RunningRows jobs={jobs} />)}
      </Loaded>
    </Panel>
  )
}

function FailuresPanel({ span }: { span: SpanOf }) {
  const query = useQuery(failuresQuery)
  const numbers = useQuery(numbersQuery(span.value))
  const now = useNow()
  return (
    <Panel title={`Failed ${span.words}`} flush actions={<Link to="/jobs" search={{ show: 'everyone', states: ['Error'], ended: span.value, order: 'ended' }}>All of them</Link>}>
      <Loaded query={query} what="The failed jobs could not be read" rows={3}>
        {(latest) => {
          const jobs = endedSince(latest, now - span.ms)
          const more = (numbers.data?.failed_since ?? 0) - jobs.length
          if (jobs.length > 0) {
            return (
              <>
                <FailureRows jobs={jobs} />
                {jobs.length === latest.length && more > 0 && <p className={classes.note}>and {more.toLocaleString('en')} more</p>}
              </>
            )
          }
          return (
            <p className={classes.note}>
              <span className="tone-good" aria-hidden="true">
                ✓
              </span>{' '}
              No job failed {span.words}.
            </p>
          )
        }}
      </Loaded>
    </Panel>
  )
}

function QueuePanel() {
  const summary = useQuery(queueSummaryQuery)
  const entries = useInfiniteQuery(queueQuery())
  const first = entries.data?.pages[0]
  return (
    <Panel title="Queue" flush actions={<Link to="/operator/queue">Queue</Link>}>
      <Loaded query={summary} what="The queue could not be read" rows={3}>
        {(known) =>
          known.waiting_jobs === 0 ? (
            <p className={classes.note}>Nothing waits.</p>
          ) : (
            <>
              <ul className={classes.rows}>
                {known.pools
                  .filter((pool) => pool.waiting_jobs > 0)
                  .map((pool) => (
                    <li key={pool.name} className={`${classes.row} ${classes.wait}`}>
                      <Link to="/operator/queue" search={{ pool: pool.name }} className="clip" title={pool.name}>
                        {pool.name}
                      </Link>
                      <span>{counted(pool.waiting_jobs, 'job')}</span>
                      <span className="dim">{pool.oldest_wait_ms === null ? '' : `oldest ${durationText(pool.oldest_wait_ms)}`}</span>
                    </li>
                  ))}
              </ul>
              {first && (
                <p className={classes.note}>
                  {first.next_cursor !== null && `Of the first ${first.items.length}: `}
                  {waitsFor(first.items)
                    .map(({ why, jobs }) => `${jobs} ${jobs === 1 ? 'waits' : 'wait'} ${why}`)
                    .join(', ')}
                  .
                </p>
              )}
            </>
          )
        }
      </Loaded>
    </Panel>
  )
}

function HealthPanel() {
  const query = useQuery(nodesQuery)
  return (
    <Panel title="Nodes and devices" flush actions={<Link to="/operator/nodes">Nodes</Link>}>
      <Loaded query={query} what="The nodes could not be read" rows={2}>
        {(nodes) => {
          const health = healthOf(nodes)
          return (
            <ul className={classes.rows}>
              {nodes.slice(0, kMostRows).map((node) => (
                <li key={node.name} className={`${classes.row} ${classes.wait}`}>
                  <Link to="/operator/nodes" search={{ node: node.name }} className="clip" title={node.name}>
                    {node.name}
                  </Link>
                  <span className="dim">
                    {counted(node.devices.length, 'GPU')}, {counted(node.replicas, 'replica')}
                  </span>
                  <StateBadge state={health.degraded.includes(node.name) ? 'degraded' : 'healthy'} />
                </li>
              ))}
              {health.unhealthy.slice(0, kMostRows).map((device) => (
                <li key={device.name} className={`${classes.row} ${classes.failure}`} style={{ gridTemplateColumns: 'minmax(0, 1fr) minmax(0, 1.6fr)' }}>
                  <Link to="/operator/devices" search={{ state: 'unhealthy', text: device.uuid }} className="clip" title={device.name}>
                    {device.name}
                  </Link>
                  <span className="tone-bad clip" title={device.fault ?? undefined}>
                    <span aria-hidden="true">✕</span> {device.fault ?? 'unhealthy'}
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

function DoctorPanel() {
  const query = useQuery(doctorQuery)
  return (
    <Panel title="Doctor" flush actions={<Link to="/operator/settings">All findings</Link>}>
      <Loaded query={query} what="The findings could not be read" rows={3}>
        {(findings) => {
          const bad = findings.filter((finding) => finding.level !== 'good')
          return bad.length === 0 ? (
            <p className={classes.note}>
              <span className="tone-good" aria-hidden="true">
                ✓
              </span>{' '}
              All {findings.length} findings are good.
            </p>
          ) : (
            <ul className={classes.rows}>
              {bad.map((finding) => (
                <li key={finding.subject} className={classes.row} style={{ gridTemplateColumns: '76px minmax(0, 1fr)', alignItems: 'start' }}>
                  <StateBadge state={finding.level} />
                  <span className="wrap">
                    <strong>{finding.subject}</strong>: {finding.message}
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
