import { NativeSelect, SegmentedControl, Slider } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useDeferredValue, useMemo, useState, type ReactNode } from 'react'
import { Boundary } from '@/ui/panel'
import { Chart } from './chart'
import classes from './metrics.module.css'
import { kDefaultPeriod, kIntervals, kPeriods, kStrongest, toggled, type ChartSearch, type Interval, type Period } from './metrics-search'
import { isOfGpu, kKnownMetrics, plotsOf, type Plot, type Source } from './plots'
import { Pointer } from './pointer'

interface BarProps {
  search: ChartSearch & { period?: Period }
  onSearch: (change: ChartSearch & { period?: Period }) => void
  kind: 'tasks' | 'components'
  /** Something is drawn over steps, or could be. */
  hasSteps: boolean
  smooth: number
  onSmooth: (smooth: number) => void
}

/** How the charts are drawn: tasks as a whole in steps of an interval, components over the last while. */
export function ChartBar({ search, onSearch, kind, hasSteps, smooth, onSmooth }: BarProps) {
  return (
    <div className={classes.bar} role="group" aria-label="How it is drawn">
      {kind === 'tasks' ? (
        <label className={classes.control}>
          Interval
          <NativeSelect
            size="xs"
            value={search.interval ?? ''}
            data={[{ value: '', label: 'as sampled' }, ...kIntervals]}
            onChange={(event) => onSearch({ interval: (event.currentTarget.value || undefined) as Interval | undefined })}
          />
        </label>
      ) : (
        <label className={classes.control}>
          For the last
          <NativeSelect
            size="xs"
            value={search.period ?? kDefaultPeriod}
            data={[...kPeriods]}
            onChange={(event) => onSearch({ period: event.currentTarget.value === kDefaultPeriod ? undefined : (event.currentTarget.value as Period) })}
          />
        </label>
      )}
      <label className={classes.control} title="A curve for each replica instead of one for all of them">
        <input type="checkbox" checked={search.details === true} onChange={(event) => onSearch({ details: event.currentTarget.checked ? true : undefined })} />
        Details
      </label>
      <div className={classes.control} title="Exponential smoothing; the values themselves stay behind, faint">
        Smoothing
        <Slider className={classes.slider} size="sm" min={0} max={kStrongest} step={0.01} label={null} thumbLabel="Smoothing" value={smooth} onChange={onSmooth} onChangeEnd={(value) => onSearch({ smooth: value > 0 ? value : undefined })} />
        <span className={classes.amount}>{smooth === 0 ? 'off' : smooth.toFixed(2)}</span>
      </div>
      {hasSteps && (
        <SegmentedControl
          aria-label="What programs report is drawn over"
          value={search.x ?? 'steps'}
          data={[
            { value: 'steps', label: 'Steps' },
            { value: 'seconds', label: 'Seconds' },
          ]}
          onChange={(value) => onSearch({ x: value === 'seconds' ? 'seconds' : undefined })}
        />
      )}
    </div>
  )
}

interface ChoicesProps {
  /** What programs report, beside what is measured of everything. */
  reported: string[]
  hide: readonly string[]
  onHide: (hide: string[]) => void
}

export function MetricChoices({ reported, hide, onHide }: ChoicesProps) {
  const choice = (name: string, title: string) => (
    <li key={name}>
      <label>
        <input type="checkbox" checked={!hide.includes(name)} onChange={() => onHide(toggled(hide, name))} />
        <span className="clip" title={title}>
          {title}
        </span>
      </label>
    </li>
  )
  return (
    <>
      {reported.length > 0 && (
        <fieldset className={classes.group}>
          <legend>Reported</legend>
          <ul className={classes.choices}>{reported.map((name) => choice(name, name))}</ul>
        </fieldset>
      )}
      <fieldset className={classes.group}>
        <legend>Metrics</legend>
        <ul className={classes.choices}>{kKnownMetrics.map(({ name, title }) => choice(name, title))}</ul>
      </fieldset>
    </>
  )
}

interface FrameProps {
  sources: Source[]
  search: ChartSearch & { period?: Period }
  onSearch: (change: ChartSearch & { period?: Period }) => void
  kind: 'tasks' | 'components'
  /** Above the choice of metrics. */
  tree?: ReactNode
  /** What could not be read. */
  faults?: ReactNode
  /** In place of the charts. */
  instead?: ReactNode
}

/** Choices at the side, controls above, and a chart for each metric. */
export function ChartsFrame({ sources, search, onSearch, kind, tree, faults, instead }: FrameProps) {
  const [pointer] = useState(() => new Pointer())
  // While the slider moves, the address stays as it is.
  const [dragged, setDragged] = useState<number | null>(null)
  const smooth = dragged ?? search.smooth ?? 0
  const drawn = useDeferredValue(smooth)
  const inSeconds = search.x === 'seconds'
  const plots = useMemo(() => plotsOf(sources, inSeconds), [sources, inSeconds])
  const hide = search.hide ?? []
  const reported = useMemo(() => [...new Set(sources.flatMap(({ answer }) => answer.names.filter((name) => !kKnownMetrics.some((known) => known.name === name))))].sort((a, b) => a.localeCompare(b)), [sources])
  const shown = plots.filter((plot) => !hide.includes(plot.name))
  const hasSteps = useMemo(() => sources.some(({ answer }) => answer.metrics.some((metric) => metric.curves.some((curve) => curve.step !== null))), [sources])
  const narrow = useMediaQuery('(max-width: 800px)', window.innerWidth <= 800)
  const choices = (
    <>
      {tree}
      <MetricChoices reported={reported} hide={hide} onHide={(next) => onSearch({ hide: next.length > 0 ? next : undefined })} />
    </>
  )
  return (
    <div className={classes.page}>
      <aside className={classes.side} aria-label="What is shown">
        {narrow ? (
          <details>
            <summary className={classes.fold}>What is shown: {sources.map(({ name }) => name).join(', ')}</summary>
            {choices}
          </details>
        ) : (
          choices
        )}
      </aside>
      <div className={classes.main}>
        <ChartBar
          search={search}
          onSearch={(change) => {
            if ('smooth' in change) setDragged(null)
            onSearch(change)
          }}
          kind={kind}
          hasSteps={hasSteps && kind === 'tasks'}
          smooth={smooth}
          onSmooth={setDragged}
        />
        <div className={classes.scroller} data-testid="charts">
          {faults}
          {instead ?? (
            <>
              <Notes sources={sources} plots={plots} hide={hide} />
              <div className={classes.charts}>
                {shown.map((plot) => (
                  <Boundary key={`${plot.reported} ${plot.name}`}>
                    <Chart plot={plot} smooth={drawn} pointer={pointer} />
                  </Boundary>
                ))}
              </div>
            </>
          )}
        </div>
      </div>
    </div>
  )
}

/** What is left out, and why. */
function Notes({ sources, plots, hide }: { sources: Source[]; plots: Plot[]; hide: readonly string[] }) {
  const notes = sources.flatMap(({ name, answer }) => [
    ...(answer.note === null ? [] : [`${name}: ${answer.note}`]),
    ...(answer.has_more ? [`${name} reports more curves than are shown here; the command line shows them by name.`] : []),
  ])
  const wantsGpu = kKnownMetrics.some(({ name }) => isOfGpu(name) && !hide.includes(name))
  if (sources.length > 0 && wantsGpu && !plots.some((plot) => isOfGpu(plot.name))) notes.push('No GPU was used: there are no curves of GPUs.')
  const measured = kKnownMetrics.filter(({ name }) => !isOfGpu(name) && !hide.includes(name) && !plots.some((plot) => plot.name === name))
  if (sources.length > 0 && measured.length > 0) notes.push(`Not measured: ${measured.map(({ title }) => title.toLowerCase().replace(/^cpu/, 'CPU')).join(', ')}.`)
  if (plots.length > 0 && plots.every((plot) => hide.includes(plot.name))) notes.push('Every metric that there is has been unticked.')
  const joined = [...new Set(sources.flatMap(({ answer }) => (answer.width_ms > 10_000 ? [answer.width_ms / 1000] : [])))]
  if (joined.length > 0) notes.push(`A point is ${joined.map((seconds) => (seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`)).join(' or ')}: its mean as a line, its least and most as a band.`)
  if (notes.length === 0) return null
  return (
    <ul className={`${classes.notes} dim`} aria-label="Notes">
      {notes.map((note) => (
        <li key={note} className="wrap">
          {note}
        </li>
      ))}
    </ul>
  )
}
