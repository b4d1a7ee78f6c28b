import { Text } from '@mantine/core'
import { placeText, type PlacedFault } from '@/lib/faults'

interface Props {
  faults: readonly PlacedFault[]
  warnings?: readonly PlacedFault[]
  onPlace?: (fault: PlacedFault) => void
}

const kShown = 50

/** What is wrong with a document, each with its place; a place can be gone to. */
export function FaultList({ faults, warnings = [], onPlace }: Props) {
  const all = [...faults.map((fault) => ({ fault, tone: 'bad', glyph: '✕', word: 'error' })), ...warnings.map((fault) => ({ fault, tone: 'waiting', glyph: '▲', word: 'warning' }))]
  if (all.length === 0) return null
  return (
    <ul style={{ listStyle: 'none', margin: 0, padding: 0 }} aria-label="What is wrong">
      {all.slice(0, kShown).map(({ fault, tone, glyph, word }, index) => {
        const place = placeText(fault)
        return (
          <li key={index} className="wrap" style={{ padding: '2px 0' }}>
            <span className={`tone-${tone}`} aria-label={word} role="img">
              {glyph}
            </span>{' '}
            {place !== '' && (
              <>
                {onPlace ? (
                  <button type="button" onClick={() => onPlace(fault)} style={{ all: 'unset', cursor: 'pointer', color: 'var(--accent)' }}>
                    {place}
                  </button>
                ) : (
                  <span className="dim">{place}</span>
                )}
                {': '}
              </>
            )}
            {fault.path && <span className="mono">{fault.path}: </span>}
            {fault.message}
          </li>
        )
      })}
      {all.length > kShown && (
        <li>
          <Text c="dimmed">and {all.length - kShown} more</Text>
        </li>
      )}
    </ul>
  )
}
