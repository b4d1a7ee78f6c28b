import { describe, expect, it } from 'vitest'
import type { Metric, Metrics } from './api'
import { amountText, extentOf, nearest, plotsOf, sinceStartText, smoothed, type Line } from './plots'

type Curve = Metric['curves'][number]

function curve(x: number[], mean: number[], more: Partial<Curve> = {}): Curve {
  return { label: 'train:1', replica: null, device: null, x, min: mean, mean, max: mean, count: x.map(() => 1), step: null, ...more }
}
function metric(name: string, curves: Curve[], more: Partial<Metric> = {}): Metric {
  return { name, title: name, unit: null, reported: false, joined_by: 'sum', width_ms: 10_000, curves, ...more }
}
function answer(metrics: Metric[], more: Partial<Metrics> = {}): Metrics {
  const at = '2026-01-05T09:00:00Z'
  return { name: 'train:1', type: 'task', job: 'j', start: at, end: null, from: at, to: at, width_ms: 10_000, note: null, names: metrics.map(({ name }) => name), has_more: false, metrics, ...more }
}

describe('plotsOf', () => {
  it('leaves a gap where nothing was measured, and none in what is reported', () => {
    const [loss, cpu] = plotsOf([{ name: 'train:1', answer: answer([metric('cpu_percent', [curve([0, 10, 60], [1, 2, 3])]), metric('loss', [curve([0, 10, 60], [1, 2, 3])], { reported: true })]) }], true)
    expect(loss?.name).toBe('loss')
    expect(loss?.lines[0]?.mean).toEqual([1, 2, 3])
    expect(cpu?.lines[0]?.mean).toEqual([1, 2, null, 3])
    expect(cpu?.lines[0]?.xs).toEqual([0, 10, 17.5, 60])
  })
  it('puts several jobs into one chart, each with its look in all of them', () => {
    const one = answer([metric('cpu_percent', [curve([0], [1])]), metric('loss', [curve([0], [1], { replica: 'worker-0', label: 'worker-0' })], { reported: true })])
    const plots = plotsOf([{ name: 'train:2', answer: one }, { name: 'train:1', answer: one }], false)
    expect(plots.map((plot) => plot.lines.map((line) => [line.label, line.look]))).toEqual([
      [['train:2', 0], ['train:1', 1]],
      [['train:2', 0], ['train:1', 1]],
    ])
  })
  it('tells replicas apart by their names, and by those of their jobs where there are several', () => {
    const two = answer([metric('loss', ['worker-0', 'worker-1'].map((label) => curve([0], [1], { label, replica: label })), { reported: true })])
    expect(plotsOf([{ name: 'a:1', answer: two }], true)[0]?.lines.map((line) => line.label)).toEqual(['worker-0', 'worker-1'])
    expect(plotsOf([{ name: 'a:1', answer: two }, { name: 'a:2', answer: two }], true)[0]?.lines[3]?.label).toBe('a:2 worker-1')
  })
  it('draws over steps in their order, the last value of each, unless some have none', () => {
    const restarted = metric('loss', [curve([1, 2, 3, 4], [9, 8, 7, 6], { step: [1, 2, 2, null] })], { reported: true })
    const [plot] = plotsOf([{ name: 'a:1', answer: answer([restarted]) }], false)
    expect(plot?.axis).toBe('steps')
    expect(plot?.lines[0]).toMatchObject({ xs: [1, 2], mean: [9, 7] })
    const without = metric('loss', [curve([1], [1])], { reported: true })
    expect(plotsOf([{ name: 'a:1', answer: answer([restarted]) }, { name: 'a:2', answer: answer([without]) }], false)[0]?.axis).toBe('seconds')
  })
  it('takes what is no number for a gap', () => {
    const [plot] = plotsOf([{ name: 'a:1', answer: answer([metric('loss', [curve([0, 1], [null as unknown as number, 2])], { reported: true })]) }], true)
    expect(plot?.lines[0]?.mean).toEqual([null, 2])
  })
  it('gives all plots over one axis the same domain', () => {
    const plots = plotsOf([{ name: 'a:1', answer: answer([metric('cpu_percent', [curve([10, 20], [1, 2])]), metric('memory_mb', [curve([20, 30], [1, 2])])]) }], true)
    expect(plots.map((plot) => plot.domain)).toEqual([[10, 30], [10, 30]])
  })
  it('shows components by the clock', () => {
    const [plot] = plotsOf([{ name: 'Jupyter', answer: answer([metric('cpu_percent', [curve([5], [1])])], { type: 'component' }) }], false)
    expect(plot?.axis).toBe('clock')
    expect(plot?.lines[0]?.xs).toEqual([Date.parse('2026-01-05T09:00:05Z') / 1000])
    expect(plot?.domain).toEqual([Date.parse('2026-01-05T09:00:00Z') / 1000, Date.parse('2026-01-05T09:00:05Z') / 1000])
  })
})

describe('smoothed', () => {
  it('begins at the first value, and anew after a gap', () => {
    const values = smoothed([1, 1, 3, null, 5], 0.5)
    expect(values[0]).toBe(1)
    expect(values[1]).toBe(1)
    expect(values[2]).toBeCloseTo(2.142857)
    expect(values.slice(3)).toEqual([null, 5])
  })
})

describe('extentOf', () => {
  it('knows the least and the most of points, not only of their means', () => {
    const line: Line = { label: 'a', look: 0, xs: [0, 1, 2], min: [0, null, 4], mean: [2, null, 5], max: [9, null, 6] }
    expect(extentOf(line)).toEqual({ min: 0, mean: 3.5, max: 9, last: 5 })
    expect(extentOf({ ...line, mean: [null, null, null] })).toBeNull()
  })
})

describe('nearest', () => {
  it('finds the nearest value, none in a gap and none too far away', () => {
    expect(nearest([0, 10, 20], [1, 1, 1], 14)).toBe(1)
    expect(nearest([0, 10, 20], [1, 1, 1], 99)).toBe(2)
    expect(nearest([0, 10, 20], [1, null, 1], 9)).toBe(0)
    expect(nearest([0, 100], [1, 1], 50, 5)).toBe(-1)
    expect(nearest([], [], 1)).toBe(-1)
  })
})

describe('texts', () => {
  it('say amounts with their units', () => {
    expect(amountText(156.6, '%')).toBe('156.6 %')
    expect(amountText(5120.4, 'MB')).toBe('5,120 MB')
    expect(amountText(12_500_000, 'B/s')).toBe('12.5 MB/s')
    expect(amountText(0.031234, null)).toBe('0.03123')
    expect(amountText(0.0000012, null)).toBe('1.20e-6')
  })
  it('say how long after the start something was', () => {
    expect(sinceStartText(4.25)).toBe('4.3 s')
    expect(sinceStartText(125)).toBe('2:05 min')
    expect(sinceStartText(7500)).toBe('2:05 h')
    expect(sinceStartText(97_200)).toBe('1 d 3 h')
  })
})
