import { Button } from '@mantine/core'
import { useMemo } from 'react'
import { messageOf } from '@/api/error'
import { askText, startText } from '@/api/forecast'
import { marksOf } from '@/lib/faults'
import { CodeEditor } from '@/ui/code-editor'
import { FaultList } from '@/ui/fault-list'
import { ErrorPanel } from '@/ui/panel'
import { useNow } from '@/ui/time'
import classes from './form.module.css'
import { marked, outcomeOf } from './outcome'
import type { Fill } from './use-fill'

/** The task that the values make, as it would run. */
export function RenderedTask({ fill, forOwner }: { fill: Fill; forOwner: boolean }) {
  const { answer } = fill
  const outcome = useMemo(() => (answer ? outcomeOf(answer) : null), [answer])
  const faults = useMemo(() => (outcome?.stage === 'task' ? marked(outcome) : []), [outcome])
  const marks = useMemo(() => marksOf(faults.filter((fault) => fault.line !== null)), [faults])
  if (fill.query.error) return <ErrorPanel error={fill.query.error} what="The task could not be rendered" onRetry={() => void fill.query.refetch()} />
  const text = answer?.text ?? null
  // Nothing is said while the answer to what was just typed is on its way.
  const isOld = fill.wrong.length > 0
  return (
    <>
      <h2 className={classes.title}>
        Task
        {text !== null && (
          <span className={isOld ? 'tone-waiting' : 'dim'} style={{ fontWeight: 400 }}>
            {isOld ? '▲ as of the last values that were right' : 'as it would run'}
          </span>
        )}
      </h2>
      {text === null ? (
        <p className="dim" style={{ margin: 0 }}>
          {outcome?.stage === 'template' && !forOwner ? 'The template of this form fails; its owner can mend it.' : 'The task is shown here once the values are right.'}
        </p>
      ) : (
        <div className={classes.code}>
          <CodeEditor label="Rendered task" language="yaml" value={text} faults={marks} readOnly />
        </div>
      )}
      <div className={classes.faults}>
        <FaultList faults={faults} />
      </div>
    </>
  )
}

/** When the job would start, or why there can be none yet. */
export function BuildForecast({ fill }: { fill: Fill }) {
  const now = useNow()
  return (
    <div className={classes.forecast} role="status" aria-label="Forecast">
      <Words fill={fill} now={now} />
    </div>
  )
}

function Wrong({ children }: { children: string }) {
  return (
    <span className="wrap">
      <span className="tone-bad" aria-hidden="true">
        ✕{' '}
      </span>
      {children}
    </span>
  )
}

const kNamed = 3

function Words({ fill, now }: { fill: Fill; now: number }) {
  const { answer, query } = fill
  if (query.error) {
    return (
      <>
        <Wrong>{`What would become of it could not be asked: ${messageOf(query.error)}`}</Wrong>
        <Button size="compact-xs" onClick={() => void query.refetch()}>
          Try again
        </Button>
      </>
    )
  }
  if (fill.stuck[0]) return <Wrong>{`The form’s hidden field ${fill.stuck[0].name} has no value; the form’s owner can give it one.`}</Wrong>
  if (fill.busy) return <span className="dim">A file is being sent…</span>
  if (fill.missing.length > 0) {
    const names = fill.missing.slice(0, kNamed).map((field) => field.label)
    return (
      <span className="dim wrap">
        Still to be filled in: {names.join(', ')}
        {fill.missing.length > kNamed && ` and ${fill.missing.length - kNamed} more`}
      </span>
    )
  }
  if (fill.wrong.length > 0) return <span className="dim">No forecast while values are wrong.</span>
  if (!answer) return <span className="dim">Asking when it would start…</span>
  const outcome = outcomeOf(answer)
  if (outcome.stage !== 'fine') return <Wrong>{outcome.message}</Wrong>
  const run = answer.dry_run
  if (!run) return null
  return (
    <>
      <span className={run.starts_now ? 'tone-good' : 'tone-waiting'}>
        <span aria-hidden="true">{run.starts_now ? '✓' : '◔'}</span> {startText(run, now)}
      </span>
      <span className="dim">{askText(run)}</span>
    </>
  )
}
