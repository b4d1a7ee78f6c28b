import type { Schemas } from '@/api/client'
import { fillLevel, usedText, type Fill } from '@/lib/storage-fill'
import { fileSizeText } from '@/lib/quantity'
import { FillBar } from '@/ui/fill-bar'
import { TimeAgo } from '@/ui/time'
import { tightestLimit } from './tightest-limit'

/** How much lies in a source's folder, against the quota that is nearest; nothing where there is nothing to tell. */
export function SourceUse({ use }: { use: Schemas['SourceUse'] | undefined }) {
  if (!use) return null
  const limit = tightestLimit(use.limits)
  const shown: Fill = limit ?? { ...use, quota_bytes: null, quota_own: false, full: false }
  const level = fillLevel(shown)
  return (
    <span style={{ display: 'grid', gap: 2 }}>
      {limit ? <FillBar label={`Used by ${use.source}`} fill={shown} whole={0} /> : <span className="clip">{usedText(use)}</span>}
      <span className="dim wrap">
        {limit?.of === 'group' ? 'all of the group' : use.owner === 'project' ? 'all of the project' : use.owner === 'group' ? `the group's /${use.name}` : `everybody's /shared/${use.name}`}
        {use.measured_at !== null && (
          <>
            , measured <TimeAgo at={shown.measured_at} />
          </>
        )}
      </span>
      {limit && level === 'full' && <span className="tone-bad wrap">✕ Full: uploads are refused, and jobs that write there wait. Remove files, or ask an operator for more.</span>}
      {limit && level === 'nearly' && <span className="tone-waiting wrap">▲ Nearly full: {fileSizeText(Math.max(0, (limit.quota_bytes ?? 0) - limit.bytes))} left. Jobs that write there wait when it is full.</span>}
    </span>
  )
}
