import type { Metric, Metrics } from './api'

/** What one answer was asked for: a job or a component. */
export interface Source {
  name: string
  answer: Metrics
}

/** What the horizontal axis counts: since the start of a job, steps of a program, or the time of day. */
export type Axis = 'seconds' | 'steps' | 'clock'

/** A curve as it is drawn: `null` is a gap. */
export interface Line {
  label: string
  /** Which colour and dash it has, the same in every chart. */
  look: number
  xs: number[]
  min: (number | null)[]
  mean: (number | null)[]
  max: (number | null)[]
}

export interface Plot {
  name: string
  title: string
  unit: string | null
  reported: boolean
  axis: Axis
  /** Of the axis: that of all plots over the same one, so that what is below each other was at the same time. */
  domain: [number, number]
  lines: Line[]
}

/** In the order in which they are shown; each has a checkbox though nothing may have been measured of it. */
export const kKnownMetrics: readonly { name: string; title: string }[] = [
  { name: 'cpu_percent', title: 'CPU usage' },
  { name: 'memory_mb', title: 'Memory' },
  { name: 'gpu_percent', title: 'GPU usage' },
  { name: 'gpu_memory_mb', title: 'GPU memory' },
  { name: 'gpu_power_w', title: 'GPU power draw' },
  { name: 'gpu_temperature_c', title: 'GPU temperature' },
  { name: 'network_receive_bytes_per_s', title: 'Network received' },
  { name: 'network_send_bytes_per_s', title: 'Network sent' },
  { name: 'disk_read_bytes_per_s', title: 'Disk read' },
  { name: 'disk_write_bytes_per_s', title: 'Disk written' },
]

export function isOfGpu(name: string): boolean {
  return name.startsWith('gpu_')
}

type Curve = Metric['curves'][number]

function finite(value: number | null | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/** The places of a curve's points in the order of their steps; of a step that came twice, as after a restart, the last. */
function bySteps(curve: Curve): { xs: number[]; places: number[] } {
  const last = new Map<number, number>()
  curve.step?.forEach((step, place) => step !== null && last.set(step, place))
  const xs = [...last.keys()].sort((a, b) => a - b)
  return { xs, places: xs.map((step) => last.get(step)!) }
}

function lineOf(label: string, curve: Curve, axis: Axis, offset: number, gapAfter: number): Line {
  const line: Line = { label, look: 0, xs: [], min: [], mean: [], max: [] }
  const add = (x: number, min: number | null, mean: number | null, max: number | null) => {
    line.xs.push(x)
    line.min.push(min)
    line.mean.push(mean)
    line.max.push(max)
  }
  if (axis === 'steps') {
    const { xs, places } = bySteps(curve)
    xs.forEach((step, index) => add(step, finite(curve.min[places[index]!]), finite(curve.mean[places[index]!]), finite(curve.max[places[index]!])))
    return line
  }
  let before = Number.NaN
  curve.x.forEach((seconds, place) => {
    const x = offset + seconds
    // Two programs' points of the same moment: axes want one.
    if (x <= before) return
    // Where nothing was measured there is a gap, and no line.
    if (x - before > gapAfter) add(before + gapAfter / 2, null, null, null)
    add(x, finite(curve.min[place]), finite(curve.mean[place]), finite(curve.max[place]))
    before = x
  })
  return line
}

function labelOf(source: Source, metric: Metric, curve: Curve, alone: boolean): string {
  // The one replica that reports something is the job; of several the names tell which.
  if (curve.replica === null && curve.device === null) return source.name
  if (metric.reported && metric.curves.length === 1) return source.name
  return alone ? curve.label : `${source.name} ${curve.label}`
}

/** One plot for each metric, with the curves of all sources in it: first what programs report, then what is measured. */
export function plotsOf(sources: readonly Source[], inSeconds: boolean): Plot[] {
  const plots = new Map<string, Plot>()
  const looks = new Map<string, number>()
  // A job has its colour whatever of it is shown.
  if (sources.length > 1) for (const source of sources) looks.set(source.name, looks.size)
  // What has steps is drawn over them, unless one of those that it is compared with has none.
  const hasSteps = (name: string) =>
    sources.every(({ answer }) => answer.metrics.every((metric) => metric.name !== name || (metric.reported && metric.curves.every((curve) => curve.step?.some((step) => step !== null)))))
  for (const source of sources) {
    for (const metric of source.answer.metrics) {
      const key = `${metric.reported} ${metric.name}`
      let plot = plots.get(key)
      if (!plot) {
        const axis: Axis = source.answer.type === 'component' || source.answer.type === 'node' ? 'clock' : !inSeconds && metric.reported && hasSteps(metric.name) ? 'steps' : 'seconds'
        plot = { name: metric.name, title: metric.title, unit: metric.unit, reported: metric.reported, axis, domain: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], lines: [] }
        plots.set(key, plot)
      }
      const offset = plot.axis === 'clock' && source.answer.start ? Date.parse(source.answer.start) / 1000 : 0
      const gapAfter = metric.reported ? Number.POSITIVE_INFINITY : (metric.width_ms / 1000) * 1.5
      for (const curve of metric.curves) {
        const line = lineOf(labelOf(source, metric, curve, sources.length === 1), curve, plot.axis, offset, gapAfter)
        if (line.xs.length === 0) continue
        if (!looks.has(line.label)) looks.set(line.label, looks.size)
        plot.lines.push({ ...line, look: looks.get(line.label)! })
      }
    }
  }
  const order = (plot: Plot) => (plot.reported ? -1 : kKnownMetrics.findIndex((metric) => metric.name === plot.name))
  const drawn = [...plots.values()].filter((plot) => plot.lines.length > 0)
  for (const axis of ['seconds', 'steps', 'clock'] as const) {
    const same = drawn.filter((plot) => plot.axis === axis)
    const ends = same.flatMap((plot) => plot.lines.flatMap((line) => [line.xs[0]!, line.xs.at(-1)!]))
    // A while is shown as a whole, though nothing was measured at its beginning.
    if (axis === 'clock') ends.push(...sources.flatMap(({ answer }) => [answer.from, answer.to].flatMap((at) => (at === null ? [] : [Date.parse(at) / 1000]))))
    const [low, high] = [Math.min(...ends), Math.max(...ends)]
    for (const plot of same) plot.domain = low === high ? [low, low + 1] : [low, high]
  }
  return drawn.sort((a, b) => order(a) - order(b) || a.title.localeCompare(b.title))
}

/**
 * Values smoothed exponentially, as if what came before the first had not been: without that, curves would begin at zero.
 * A gap begins anew.
 */
export function smoothed(values: readonly (number | null)[], weight: number): (number | null)[] {
  let sum = 0
  let count = 0
  return values.map((value) => {
    if (value === null) {
      sum = 0
      count = 0
      return null
    }
    sum = sum * weight + (1 - weight) * value
    count += 1
    return sum / (1 - weight ** count)
  })
}

export interface Extent {
  min: number
  mean: number
  max: number
  last: number
}

/** What a curve comes to, for who reads instead of looking. */
export function extentOf(line: Line): Extent | null {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  let sum = 0
  let count = 0
  let last = Number.NaN
  line.mean.forEach((mean, place) => {
    if (mean === null) return
    min = Math.min(min, line.min[place] ?? mean)
    max = Math.max(max, line.max[place] ?? mean)
    sum += mean
    count += 1
    last = mean
  })
  return count === 0 ? null : { min, mean: sum / count, max, last }
}

/** The place of the value nearest to x, or -1 where there is none within `reach`. Gaps have no value. */
export function nearest(xs: readonly number[], values: readonly (number | null)[], x: number, reach = Number.POSITIVE_INFINITY): number {
  let low = 0
  let high = xs.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (xs[middle]! < x) low = middle + 1
    else high = middle
  }
  let best = -1
  for (const place of [low - 1, low]) {
    if (place < 0 || place >= xs.length || values[place] === null) continue
    if (best < 0 || Math.abs(xs[place]! - x) < Math.abs(xs[best]! - x)) best = place
  }
  return best >= 0 && Math.abs(xs[best]! - x) <= reach ? best : -1
}

function short(value: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 1e15 || size < 1e-4) return value.toExponential(2)
  if (size >= 1000) return Math.round(value).toLocaleString('en')
  return String(Number(value.toPrecision(4)))
}

/** "156.6 %", "1,024 MB", "12.5 MB/s", "0.031". */
export function amountText(value: number, unit: string | null): string {
  if (unit !== 'B/s') return unit === null ? short(value) : `${short(value)} ${unit}`
  const units = ['B/s', 'kB/s', 'MB/s', 'GB/s', 'TB/s']
  let size = value
  let place = 0
  while (Math.abs(size) >= 1000 && place < units.length - 1) {
    size /= 1000
    ++place
  }
  return `${Number(size.toPrecision(3))} ${units[place]}`
}

/** "45 s", "12:30 min", "2:05 h", "3 d 4 h": where on the axis of seconds something is. */
export function sinceStartText(seconds: number): string {
  const rounded = Math.round(seconds * 10) / 10
  if (rounded < 60) return `${rounded} s`
  const whole = Math.round(seconds)
  const two = (number: number) => String(number).padStart(2, '0')
  if (whole < 3600) return `${Math.floor(whole / 60)}:${two(whole % 60)} min`
  if (whole < 86_400) return `${Math.floor(whole / 3600)}:${two(Math.floor((whole % 3600) / 60))} h`
  const hours = Math.floor((whole % 86_400) / 3600)
  return `${Math.floor(whole / 86_400)} d${hours > 0 ? ` ${hours} h` : ''}`
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const exactClock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

export function axisText(axis: Axis, x: number): string {
  return axis === 'steps' ? x.toLocaleString('en') : axis === 'seconds' ? sinceStartText(x) : clock.format(x * 1000)
}

/** The place of the pointer in words. */
export function pointText(axis: Axis, x: number): string {
  return axis === 'steps' ? `step ${Math.round(x).toLocaleString('en')}` : axis === 'seconds' ? sinceStartText(x) : exactClock.format(x * 1000)
}
