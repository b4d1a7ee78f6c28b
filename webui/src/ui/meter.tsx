interface Props {
  used: number
  total: number
  /** Counted in `total`, but of no use now. */
  broken?: number
  label: string
}

/** How much of something is in use, as a bar with its numbers. */
export function Meter({ used, total, broken = 0, label }: Props) {
  const share = (part: number) => `${total > 0 ? (Math.min(part, total) / total) * 100 : 0}%`
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: 8, minWidth: 0, width: '100%' }}>
      <span role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={total} aria-valuenow={used} style={{ display: 'flex', flex: 1, height: 8, minWidth: 40, borderRadius: 2, overflow: 'hidden', background: 'var(--quiet-soft)', border: '1px solid var(--line)' }}>
        <span style={{ width: share(used), background: 'var(--busy)' }} />
        <span style={{ width: share(broken), background: 'var(--bad)' }} />
      </span>
      <span style={{ whiteSpace: 'nowrap' }}>
        {used}/{total}
      </span>
    </span>
  )
}
