import { describe, expect, it } from 'vitest'
import { cpuMillis, memoryBytes, timeMs, understoodCpu, understoodMemory, understoodTime, understoodWhole } from './units'

describe('quantities', () => {
  it('are understood as the server understands them', () => {
    expect([cpuMillis('100m'), cpuMillis('0.5'), cpuMillis('2'), cpuMillis('2k'), cpuMillis('-1'), cpuMillis('x')]).toEqual([100, 500, 2000, null, null, null])
    expect([memoryBytes('64Mi'), memoryBytes('512M'), memoryBytes('1e9'), memoryBytes('1e3Ki'), memoryBytes('8GB')]).toEqual([64 * 2 ** 20, 512e6, 1e9, null, null])
    expect([timeMs('10'), timeMs('300s'), timeMs('1h'), timeMs('5 m'), timeMs('')]).toEqual([600_000, 300_000, 3_600_000, null, null])
  })

  it('are said back in plain words', () => {
    expect(understoodCpu('1500m')).toEqual({ text: '1.5 cores', good: true })
    expect(understoodCpu('two')?.good).toBe(false)
    expect(understoodMemory('512M')).toEqual({ text: '488.28 MiB', good: true })
    expect(understoodTime('10', 'for ever')).toEqual({ text: '10 min', good: true })
    expect(understoodTime('0', 'for ever')?.text).toBe('for ever')
    expect(understoodWhole('3', 1, 250)).toBeNull()
    expect(understoodWhole('0', 1, 250)?.good).toBe(false)
    expect(understoodWhole('constructor', 1, 250)?.good).toBe(false)
    expect(understoodCpu('1constructor')?.good).toBe(false)
  })
})
