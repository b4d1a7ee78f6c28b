import { describe, expect, it } from 'vitest'
import type { Component } from '@/api/components'
import { doingsOf, gpusOfBox, reasonText, termsOf } from './component-words'

const kBoard: Component = {
  name: 'board',
  display_name: 'Results',
  kind: 'custom',
  state: 'Disabled',
  reason: null,
  wanted: 'disabled',
  by: null,
  since: null,
  job: null,
  jobs: [],
  failures: 0,
  last_end: null,
  next_start: null,
  running_since: null,
  forecast: null,
  outdated: false,
  command: 'serve',
  port: 8050,
  gpus: 0,
  shared: false,
  idle_pause_ms: 0,
  last_activity: null,
  last_work: null,
  busy: false,
  may_control: true,
  may_open: true,
  url: null,
}

describe('what may be done with a component', () => {
  it('is enabling one that is not wanted, and restarting or disabling one that is', () => {
    expect(doingsOf(kBoard)).toEqual(['enable'])
    expect(doingsOf({ ...kBoard, wanted: 'paused' })).toEqual(['enable'])
    expect(doingsOf({ ...kBoard, wanted: 'enabled' })).toEqual(['restart', 'disable'])
  })
  it('is nothing for those who only see it', () => {
    expect(doingsOf({ ...kBoard, may_control: false })).toEqual([])
  })
})

describe('the words about a component', () => {
  it('make a sentence of a reason', () => {
    expect(reasonText(kBoard)).toBeNull()
    expect(reasonText({ ...kBoard, reason: 'disabled by ana' })).toBe('Disabled by ana.')
    expect(reasonText({ ...kBoard, reason: 'It needs 1 GPU.' })).toBe('It needs 1 GPU.')
  })
  it('say what it has and what it is held to', () => {
    expect(termsOf({ ...kBoard, gpus: 2, port: null, shared: true, idle_pause_ms: 3_600_000 })).toEqual(['2 GPUs', 'no port, so nobody is led to it', 'your group may open it', 'paused when idle for 1 h'])
  })
})

describe('the box for GPUs', () => {
  it('keeps the number that the component has, and is one otherwise', () => {
    expect(gpusOfBox(kBoard, true)).toBe(1)
    expect(gpusOfBox({ ...kBoard, gpus: 4 }, true)).toBe(4)
    expect(gpusOfBox({ ...kBoard, gpus: 4 }, false)).toBe(0)
  })
})
