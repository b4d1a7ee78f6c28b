import { Button } from '@mantine/core'
import { useInfiniteQuery, useQueries, type UseQueryResult } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { ApiError } from '@/api/error'
import { EmptyState } from '@/ui/empty-state'
import { ErrorPanel, Loaded, Loading } from '@/ui/panel'
import { StateBadge } from '@/ui/state-badge'
import { componentMetricsQuery, jobMetricsQuery, measuredQuery, type MeasuredComponent, type MeasuredTask, type Metrics } from './api'
import { ChartsFrame } from './charts'
import { Teaching } from './job-metrics'
import classes from './metrics.module.css'
import { kDefaultPeriod, kMostChosen, toggled, type MetricsSearch } from './metrics-search'
import type { Source } from './plots'

const route = getRouteApi('/shell/projects/$project/metrics')

/** What a project uses and what its programs report, as curves; several jobs or components in one chart. */
export function MetricsPage() {
  const { project } = route.useParams()
  const measured = useInfiniteQuery(measuredQuery(project))
  return (
    <div className={classes.whole}>
      <Loaded query={measured} what="What was measured could not be read">
        {(data) => {
          const first = data.pages[0]!
          const tasks = data.pages.flatMap((page) => page.tasks)
          return (
            <Shown
              project={project}
              tasks={tasks}
              components={first.components}
              servings={first.servings}
              more={measured.hasNextPage ? { load: () => void measured.fetchNextPage(), loading: measured.isFetchingNextPage } : null}
            />
          )
        }}
      </Loaded>
    </div>
  )
}

interface ShownProps {
  project: string
  tasks: MeasuredTask[]
  components: MeasuredComponent[]
  servings: MeasuredComponent[]
  more: { load: () => void; loading: boolean } | null
}

/** The answers of many queries as the sources of charts; the same ones until another answer comes. */
function combined(results: UseQueryResult<Metrics>[]) {
  return {
    answers: results.map((result) => result.data),
    errors: results.map((result) => (result.error ? { error: result.error, retry: () => void result.refetch() } : null)),
    isPending: results.some((result) => result.isPending && !result.error),
  }
}

function Shown({ project, tasks, components, servings, more }: ShownProps) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const go = (next: MetricsSearch) => void navigate({ search: next, replace: true, resetScroll: false })
  const chosen = search.components ?? []
  const kind = chosen.length > 0 ? 'components' : 'tasks'
  const newest = tasks.find((task) => task.started_at !== null) ?? tasks[0]
  const jobs = kind === 'components' ? [] : (search.jobs ?? (newest ? [newest.job] : []))
  const details = search.details === true
  const ofJobs = useQueries({ queries: jobs.map((job) => jobMetricsQuery(job, search.interval, details)), combine: combined })
  const ofComponents = useQueries({ queries: chosen.map((name) => componentMetricsQuery(project, name, search.period ?? kDefaultPeriod, details)), combine: combined })
  const shown = kind === 'components' ? ofComponents : ofJobs
  const names = kind === 'components' ? chosen.map((name) => components.find((each) => each.name === name)?.display_name ?? name) : jobs.map((job) => tasks.find((task) => task.job === job)?.name ?? '')
  const namesText = JSON.stringify(names)
  const sources = useMemo(() => {
    const known = JSON.parse(namesText) as string[]
    return shown.answers.flatMap((answer, index): Source[] => (answer ? [{ name: known[index] || answer.name, answer }] : []))
  }, [shown.answers, namesText])

  const setJobs = (next: string[]) => go({ ...search, components: undefined, jobs: next.slice(-kMostChosen) })
  const setComponents = (next: string[]) => go({ ...search, jobs: next.length > 0 ? undefined : [], components: next.length > 0 ? next.slice(-kMostChosen) : undefined })
  const faults = shown.errors.map(
    (fault, index) =>
      fault && (
        <div key={index} className={classes.fault}>
          <ErrorPanel
            error={fault.error}
            what={`The metrics of ${names[index] || 'a job'} could not be read`}
            {...(fault.error instanceof ApiError && fault.error.isMissing ? {} : { onRetry: fault.retry })}
          />
        </div>
      ),
  )
  const nothingChosen = jobs.length === 0 && chosen.length === 0
  const isEmpty = sources.length > 0 && sources.every(({ answer }) => answer.names.length === 0)
  const instead = nothingChosen && tasks.length === 0 ? (
    <EmptyState
      title="Nothing has run yet"
      command="import pintle; pintle.log(loss=0.3)"
      action={
        <Button component={Link} to="/projects/$project/tasks" params={{ project } as never}>
          Tasks
        </Button>
      }
    >
      Curves of what jobs use, such as processor, memory and GPUs, are drawn here while they run, and beside them what their programs report. This line of Python reports a value.
    </EmptyState>
  ) : nothingChosen ? (
    <EmptyState title="Nothing is chosen">Choose jobs or components at the side. Those of one kind share their charts.</EmptyState>
  ) : shown.isPending && sources.length === 0 ? (
    <Loading />
  ) : isEmpty ? (
    <Teaching note={sources[0]?.answer.note ?? null} />
  ) : undefined
  return (
    <ChartsFrame
      sources={sources}
      search={search}
      onSearch={(change) => go({ ...search, ...change })}
      kind={kind}
      faults={faults}
      instead={instead}
      tree={
        <>
          <details className={classes.group} open>
            <summary>
              Tasks ({tasks.length}
              {more && '+'})
            </summary>
            {tasks.length === 0 && <div className="dim">None has run.</div>}
            <ul className={`${classes.choices} ${classes.list}`} aria-label="Tasks">
              {tasks.map((task) => (
                <li key={task.job}>
                  <label>
                    <input type="checkbox" checked={jobs.includes(task.job)} onChange={() => setJobs(toggled(jobs, task.job))} />
                    <span className="clip" title={task.name}>
                      {task.name}
                    </span>
                  </label>
                  <StateBadge state={task.state} />
                </li>
              ))}
            </ul>
            {more && (
              <Button onClick={more.load} loading={more.loading}>
                Older jobs
              </Button>
            )}
          </details>
          <ComponentChoices title="Components" items={components} chosen={chosen} onChange={setComponents} />
          <ComponentChoices title="Servings" items={servings} chosen={chosen} onChange={setComponents} />
        </>
      }
    />
  )
}

interface ComponentChoicesProps {
  title: string
  items: MeasuredComponent[]
  chosen: string[]
  onChange: (chosen: string[]) => void
}

function ComponentChoices({ title, items, chosen, onChange }: ComponentChoicesProps) {
  if (items.length === 0) return null
  return (
    <details className={classes.group} open>
      <summary>
        {title} ({items.length})
      </summary>
      <ul className={classes.choices} aria-label={title}>
        {items.map((item) => (
          <li key={item.name}>
            <label>
              <input type="checkbox" checked={chosen.includes(item.name)} onChange={() => onChange(toggled(chosen, item.name))} />
              <span className="clip" title={item.display_name}>
                {item.display_name}
              </span>
            </label>
            <StateBadge state={item.state} />
          </li>
        ))}
      </ul>
    </details>
  )
}
