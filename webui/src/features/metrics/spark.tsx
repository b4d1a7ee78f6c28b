import type { Metric } from './api'
import { sparkPath } from './spark-path'

interface Props {
  curve: Metric['curves'][number] | undefined
  widthMs: number
  seconds: number
  most: number
  title: string
}

const kWidth = 72
const kHeight = 22

/** A small curve without axes, from nothing to all that there is. */
export function Spark({ curve, widthMs, seconds, most, title }: Props) {
  return (
    <svg width={kWidth} height={kHeight} viewBox={`0 0 ${kWidth} ${kHeight}`} role="img" aria-label={curve ? `${title}, at most ${Math.round((Math.max(...curve.max) / most) * 100)} % of what there is` : `${title}: nothing`}>
      <line x1="0" x2={kWidth} y1={kHeight - 0.5} y2={kHeight - 0.5} stroke="var(--line)" />
      {curve && <path d={sparkPath(curve.x, curve.mean, { seconds, most, gap: (widthMs / 1000) * 1.5, width: kWidth, height: kHeight - 1 })} fill="none" stroke="var(--curve-1)" strokeWidth="1.5" />}
    </svg>
  )
}
