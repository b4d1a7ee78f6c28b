import { memo, type CSSProperties, type Ref } from 'react'
import { bytesText } from '@/lib/quantity'
import { exactText } from '@/lib/time'
import ansi from './ansi.module.css'
import { kShownChars, spansOf } from './ansi'
import type { Line } from './log-store'
import classes from './logs.module.css'

interface Props {
  line: Line | undefined
  /** Shown before the line is there. */
  number: number | null
  marked: boolean
  names: boolean
  times: boolean
  wrap: boolean
  style: CSSProperties
  onMark: (line: Line) => void
  onWhole: (line: Line) => void
  index?: number
  measure?: Ref<HTMLDivElement>
}

/** The time of day to the millisecond, in the reader's time zone. */
export function timeOfDay(at: string): string {
  const time = new Date(at)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, '0')}`
}

/** The text of a line in its colours. */
export function LineText({ text }: { text: string }) {
  return (
    <>
      {spansOf(text).map((span, index) =>
        span.className || span.color || span.background ? (
          <span key={index} className={span.className} style={{ color: span.color, background: span.background }}>
            {span.text}
          </span>
        ) : (
          span.text
        ),
      )}
    </>
  )
}

export const LogRow = memo(function LogRow({ line, number, marked, names, times, wrap, style, onMark, onWhole, index, measure }: Props) {
  const shownNumber = line?.line ?? number
  const isCut = line !== undefined && line.text.length > kShownChars && line.text.length - (line.text.lastIndexOf('\r') + 1) > kShownChars
  return (
    <div ref={measure} data-index={index} className={`${classes.row} ${ansi.line} ${marked ? classes.marked : ''} ${wrap ? classes.wrapped : ''}`} style={style} data-line={shownNumber ?? undefined}>
      <button type="button" className={classes.number} tabIndex={-1} disabled={!line} aria-label={`Line ${shownNumber ?? ''}: mark it in the address`} onClick={() => line && onMark(line)}>
        {shownNumber}
      </button>
      {names && (
        <span className={classes.replica} title={line?.replica}>
          {line?.replica}
        </span>
      )}
      {times && (
        <span className={classes.time} title={line ? exactText(Date.parse(line.at)) : undefined}>
          {line && timeOfDay(line.at)}
        </span>
      )}
      <span className={`${classes.text} ${line?.replica === 'job' ? classes.own : ''}`}>
        {line && <LineText text={line.text} />}
        {isCut && (
          <button type="button" className={classes.more} onClick={() => onWhole(line)}>
            … show all {bytesText(line.text.length)}
          </button>
        )}
      </span>
    </div>
  )
})
