import { durationText } from '@/lib/time'

/** What a quantity means, or that it means nothing. */
export interface Understood {
  text: string
  good: boolean
}

const kNumber = /^(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?/

function scaled(text: string, units: Readonly<Record<string, number>>): number | null {
  const number = kNumber.exec(text)
  if (!number) return null
  const unit = text.slice(number[0].length)
  // 1e9 is a number; with a unit behind it nobody can tell what 1e3Ki is meant to be.
  if (number[2] !== undefined && unit !== '') return null
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined
  return factor === undefined ? null : Number(number[0]) * factor
}

const kCpu = { '': 1000, m: 1 }
const kMemory = { '': 1, k: 1e3, K: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, m: 1e-3 }
const kTime = { '': 60_000, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

export function cpuMillis(text: string): number | null {
  return scaled(text, kCpu)
}

export function memoryBytes(text: string): number | null {
  return scaled(text, kMemory)
}

export function timeMs(text: string): number | null {
  return scaled(text, kTime)
}

/** "8 GiB", in the unit that shows it with few digits. */
function memoryText(bytes: number): string {
  for (const [unit, factor] of [['TiB', 2 ** 40], ['GiB', 2 ** 30], ['MiB', 2 ** 20], ['KiB', 2 ** 10]] as const) {
    if (bytes >= factor) return `${Number((bytes / factor).toFixed(2))} ${unit}`
  }
  return `${bytes} bytes`
}

export function understoodCpu(text: string): Understood | null {
  if (text === '') return null
  const millis = cpuMillis(text)
  if (millis === null) return { text: 'CPU like 100m, 0.5 or 2', good: false }
  const cores = Number((millis / 1000).toFixed(3))
  return { text: `${cores} ${cores === 1 ? 'core' : 'cores'}`, good: true }
}

export function understoodMemory(text: string): Understood | null {
  if (text === '') return null
  const bytes = memoryBytes(text)
  return bytes === null ? { text: 'memory like 64Mi, 8Gi or 512M', good: false } : { text: memoryText(bytes), good: true }
}

export function understoodTime(text: string, none: string): Understood | null {
  if (text === '') return null
  const ms = timeMs(text)
  if (ms === null) return { text: 'a time like 5 (minutes), 300s, 5m or 1h', good: false }
  return { text: ms === 0 ? none : durationText(ms), good: true }
}

export function understoodWhole(text: string, least: number, most: number): Understood | null {
  if (text === '') return null
  const value = /^\d+$/.test(text) ? Number(text) : NaN
  return value >= least && value <= most ? null : { text: `a whole number from ${least} to ${most.toLocaleString('en')}`, good: false }
}
