import { fileSizeText } from './quantity'

/** What lies somewhere, and how much may. */
export interface Fill {
  bytes: number
  complete: boolean
  measured_at: string | null
  quota_bytes: number | null
  quota_own: boolean
  full: boolean
}

export const kNearlyFull = 0.9

export type FillLevel = 'unknown' | 'fine' | 'nearly' | 'full'

/** How near it is to its quota. */
export function fillLevel(fill: Pick<Fill, 'bytes' | 'measured_at' | 'quota_bytes' | 'full'>): FillLevel {
  if (fill.measured_at === null) return 'unknown'
  if (fill.quota_bytes === null) return 'fine'
  if (fill.full) return 'full'
  return fill.bytes >= fill.quota_bytes * kNearlyFull ? 'nearly' : 'fine'
}

/** The part of its quota that is used, from 0 to 1; without a quota the part of `whole`. */
export function fillShare(fill: Pick<Fill, 'bytes' | 'quota_bytes'>, whole: number): number {
  const most = fill.quota_bytes ?? whole
  if (most <= 0) return fill.quota_bytes === 0 ? 1 : 0
  return Math.min(1, fill.bytes / most)
}

/** "1.2 GiB", "more than 1.2 GiB", "not measured yet". */
export function usedText(fill: Pick<Fill, 'bytes' | 'complete' | 'measured_at'>): string {
  if (fill.measured_at === null) return 'not measured yet'
  return `${fill.complete ? '' : 'more than '}${fileSizeText(fill.bytes)}`
}

/** "1.2 GiB of 2 GiB", or what is used alone where there is no quota. */
export function fillText(fill: Pick<Fill, 'bytes' | 'complete' | 'measured_at' | 'quota_bytes'>): string {
  return fill.quota_bytes === null ? usedText(fill) : `${usedText(fill)} of ${fileSizeText(fill.quota_bytes)}`
}

/** "2 GiB", "no limit", and whether that is the storage's own. */
export function quotaText(fill: Pick<Fill, 'quota_bytes' | 'quota_own'>): string {
  const words = fill.quota_bytes === null ? 'no limit' : fileSizeText(fill.quota_bytes)
  return fill.quota_own ? words : `${words} (default)`
}
