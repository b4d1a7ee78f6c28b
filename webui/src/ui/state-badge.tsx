import { lookOf } from '@/api/states'

interface Props {
  state: string
  /** Said on hover: a reason, a forecast. */
  title?: string | null | undefined
}

/** A state: always the same glyph, word and colour, wherever it stands. */
export function StateBadge({ state, title }: Props) {
  const look = lookOf(state)
  return (
    <span className={`tone-${look.tone} clip`} title={title ?? undefined} data-state={state}>
      <span aria-hidden="true">{look.glyph}</span> {state}
    </span>
  )
}
