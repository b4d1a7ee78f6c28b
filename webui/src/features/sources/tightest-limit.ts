import type { Schemas } from '@/api/client'
import { fillShare } from '@/lib/storage-fill'

type Limit = Schemas['SourceLimit']

/** Of the quotas that hold for a source the one that is nearest to being reached; nothing without a quota. */
export function tightestLimit(limits: readonly Limit[]): Limit | undefined {
  const real = limits.filter((limit) => limit.quota_bytes !== null)
  return real.sort((a, b) => Number(b.full) - Number(a.full) || fillShare(b, 0) - fillShare(a, 0))[0]
}
