import uPlot from 'uplot'
import { lookOfLine, tokenValue } from './looks'
import { amountText, axisText, smoothed, type Plot } from './plots'

const kHeight = 190
const kFont = "11px system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
const kMinute = 60
const kHour = 3600
const kDay = 86_400
const kSeconds = [1, 2, 5, 10, 15, 30, kMinute, 2 * kMinute, 5 * kMinute, 10 * kMinute, 15 * kMinute, 30 * kMinute, kHour, 2 * kHour, 3 * kHour, 6 * kHour, 12 * kHour, kDay, 2 * kDay]
const kWhole = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 1e8, 1e9]

function hasBand(plot: Plot, index: number): boolean {
  const line = plot.lines[index]!
  return line.mean.some((mean, place) => mean !== null && line.max[place] !== line.min[place])
}

/** What makes a drawing another one; otherwise only its numbers change. */
export function shapeOf(plot: Plot, weight: number): string {
  return JSON.stringify([plot.axis, plot.unit, plot.reported, weight > 0, plot.lines.map((line, index) => [line.look, weight > 0 || hasBand(plot, index)])])
}

/** The numbers as the library wants them: one list of x for all curves. */
export function dataOf(plot: Plot, weight: number): uPlot.AlignedData {
  const tables = plot.lines.map((line, index): uPlot.AlignedData => {
    if (weight > 0) return [line.xs, line.mean, smoothed(line.mean, weight)]
    return hasBand(plot, index) ? [line.xs, line.max, line.mean, line.min] : [line.xs, line.mean]
  })
  return tables.length === 1 ? tables[0]! : uPlot.join(tables)
}

function seriesOf(plot: Plot, weight: number): { series: uPlot.Series[]; bands: uPlot.Band[] } {
  const series: uPlot.Series[] = [{}]
  const bands: uPlot.Band[] = []
  plot.lines.forEach((line, index) => {
    const { colour, dash } = lookOfLine(line.look)
    const value = tokenValue(colour)
    const main: uPlot.Series = { stroke: value, width: 1.5, dash, points: { size: 5, fill: value } }
    if (weight > 0) {
      series.push({ stroke: `${value}50`, width: 1, points: { show: false } }, main)
    } else if (hasBand(plot, index)) {
      const edge: uPlot.Series = { stroke: 'transparent', width: 0, points: { show: false } }
      series.push(edge, main, { ...edge })
      bands.push({ series: [series.length - 3, series.length - 1], fill: `${value}2e` })
    } else {
      series.push(main)
    }
  })
  return { series, bands }
}

function rangeOf(plot: Plot): uPlot.Range.Function {
  return (_, low, high) => {
    if (low === null || high === null) return [0, 1]
    // What is used begins at nothing; what is reported may be anything.
    if (!plot.reported && low >= 0) return [0, high === 0 ? 1 : high * 1.06]
    const margin = (high - low || Math.abs(high) || 1) * 0.06
    return [low - margin, high + margin]
  }
}

/** A drawing of a plot in a box, with a horizontal axis over what `domain` says whenever its numbers change. It must be destroyed. */
export function draw(plot: Plot, weight: number, box: HTMLElement, domain: () => [number, number]): uPlot {
  const { series, bands } = seriesOf(plot, weight)
  const axis: uPlot.Axis = { stroke: tokenValue('--text-dim'), font: kFont, grid: { stroke: tokenValue('--line'), width: 1 }, ticks: { stroke: tokenValue('--line'), width: 1, size: 4 } }
  return new uPlot(
    {
      width: Math.max(box.clientWidth, 120),
      height: kHeight,
      series,
      bands,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: plot.axis === 'clock', range: domain }, y: { range: rangeOf(plot) } },
      axes: [
        { ...axis, space: 70, size: 26, gap: 4, values: (_, splits) => splits.map((x) => axisText(plot.axis, x)), ...(plot.axis === 'seconds' ? { incrs: kSeconds } : plot.axis === 'steps' ? { incrs: kWhole } : {}) },
        { ...axis, space: 32, size: 64, gap: 4, values: (_, splits) => splits.map((y) => amountText(y, plot.unit)) },
      ],
    },
    dataOf(plot, weight),
    box,
  )
}

export function resize(drawing: uPlot, width: number) {
  if (width > 0 && width !== drawing.width) drawing.setSize({ width, height: kHeight })
}
