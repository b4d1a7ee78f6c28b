import { fillLevel, fillShare, fillText, type Fill } from '@/lib/storage-fill'

interface Props {
  /** What it is a bar of, for those who cannot see it. */
  label: string
  fill: Fill
  /** What a bar without a quota is a part of. */
  whole: number
  /** How wide the numbers are, so that bars below each other are equally long. */
  textWidth?: string
}

const kLooks = {
  unknown: { color: 'var(--quiet)', glyph: '', tone: 'dim' },
  fine: { color: 'var(--busy)', glyph: '', tone: '' },
  nearly: { color: 'var(--waiting)', glyph: '▲ ', tone: 'tone-waiting' },
  full: { color: 'var(--bad)', glyph: '✕ ', tone: 'tone-bad' },
} as const

/** How much lies somewhere, as a bar against its quota, with the numbers; it warns before it is full. */
export function FillBar({ label, fill, whole, textWidth = 'minmax(0, max-content)' }: Props) {
  const look = kLooks[fillLevel(fill)]
  const text = fillText(fill)
  const share = Math.round(fillShare(fill, whole) * 100)
  return (
    <span style={{ display: 'grid', gridTemplateColumns: `minmax(36px, 1fr) ${textWidth}`, gap: 8, alignItems: 'center', minWidth: 0 }}>
      <span role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={share} aria-valuetext={text} style={{ height: 8, borderRadius: 2, overflow: 'hidden', background: 'var(--quiet-soft)', border: '1px solid var(--line)' }}>
        <span style={{ display: 'block', height: '100%', width: `${share}%`, background: look.color }} />
      </span>
      <span className={`${look.tone} clip`} title={text}>
        <span aria-hidden="true">{look.glyph}</span>
        {text}
      </span>
    </span>
  )
}
