import { Button, Modal } from '@mantine/core'
import { useMemo, useState } from 'react'
import { CopyIcon } from '@/ui/copy'
import { EmptyState } from '@/ui/empty-state'
import { ErrorPanel, Loading } from '@/ui/panel'
import { plainText } from './ansi'
import { FixedLines, WrappedLines } from './log-lines'
import type { LogSearch } from './log-search'
import type { Line } from './log-store'
import classes from './logs.module.css'

export interface Lines {
  version: number
  count: number
  get: (index: number) => Line | undefined
  numberOf: ((index: number) => number) | null
  /** Where a line is; -1: it is not here. Of all logs together with the log that it belongs to. */
  indexOf: (line: number, replica?: string) => number
  shifted: number
  /** Another number each time that all lines were replaced by others. */
  epoch?: number
  onRange: (from: number, to: number) => void
}

export interface FrameProps {
  job: string
  replica: string
  live: boolean
  connected?: boolean
  search: LogSearch
  onSearch: (search: LogSearch) => void
  stuck: boolean
  onStuck: (stuck: boolean) => void
  /** Goes to the end, where that takes more than scrolling. */
  onEnd?: () => void
  lines: Lines
  loading: boolean
  error: unknown
  onRetry: () => void
}

const kWholeMost = 1_000_000

/** The lines with everything around them: what is not there yet, what went wrong, the way to the end. */
export function LogFrame({ replica, live, connected = true, search, onSearch, stuck, onStuck, onEnd, lines, loading, error, onRetry }: FrameProps) {
  const [whole, setWhole] = useState<Line | null>(null)
  const { line, of } = search
  const all = replica === 'all'
  const hasLines = lines.count > 0
  const { indexOf, epoch } = lines
  const target = useMemo(() => {
    if (line === undefined || !hasLines || (all && of === undefined)) return null
    const index = indexOf(line, of)
    return index < 0 ? null : { index }
    // Only a new line is gone to, not every change of the log.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [line, of, hasLines, replica, epoch])
  const mark = (marked: Line) => {
    onStuck(false)
    onSearch({ ...search, replica, line: marked.line, of: all ? marked.replica : undefined })
  }
  const isMarked = (each: Line) => each.line === line && (!all || each.replica === of)
  if (loading && error === null) return <Loading rows={14} />
  const View = search.wrap ? WrappedLines : FixedLines
  return (
    <div style={{ display: 'flex', flexDirection: 'column', flex: 1, minWidth: 0, position: 'relative' }}>
      {error !== null && (
        <div style={{ padding: 8 }}>
          <ErrorPanel error={error} what="The log could not be read" onRetry={onRetry} />
        </div>
      )}
      {lines.count === 0 ? (
        error === null && (
          <EmptyState title={live ? 'Nothing was written yet' : 'Nothing was written'}>
            {live ? 'What the programs write appears here as they write it.' : 'The programs of this job wrote nothing to their output. The job’s own log and the events tell what happened.'}
          </EmptyState>
        )
      ) : (
        <View
          label={all ? 'All logs' : `Log of ${replica}`}
          count={lines.count}
          get={lines.get}
          numberOf={lines.numberOf}
          onRange={lines.onRange}
          shifted={lines.shifted}
          stuck={stuck}
          onStuck={onStuck}
          target={target}
          isMarked={isMarked}
          names={all}
          times={search.times ?? false}
          onMark={mark}
          onWhole={setWhole}
        />
      )}
      {!stuck && lines.count > 0 && (
        <Button className={classes.follow ?? ''} onClick={onEnd ?? (() => onStuck(true))}>
          ↓ {live ? 'Follow' : 'To the end'}
        </Button>
      )}
      {live && !connected && (
        <div role="status" style={{ padding: '4px 16px' }}>
          <span className="tone-waiting" aria-hidden="true">
            ▲
          </span>{' '}
          The connection was lost; trying again…
        </div>
      )}
      <Modal opened={whole !== null} onClose={() => setWhole(null)} title={`Line ${whole?.line ?? ''} of ${whole?.replica ?? ''}`} size="90%">
        {whole && (
          <>
            <CopyIcon value={plainText(whole.text)} what="Copy the line" />
            <div className={classes.whole}>{whole.text.slice(0, kWholeMost)}</div>
            {(whole.text.length > kWholeMost || !whole.ends) && <p className="dim">The line is longer than is shown here; the download has all of it.</p>}
          </>
        )}
      </Modal>
    </div>
  )
}
