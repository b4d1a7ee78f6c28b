import { ActionIcon, CopyButton, Tooltip } from '@mantine/core'

/** A button that puts a text on the clipboard and says so. */
export function CopyIcon({ value, what = 'Copy' }: { value: string; what?: string }) {
  return (
    <CopyButton value={value} timeout={1500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : what}>
          <ActionIcon onClick={copy} aria-label={what} size="sm">
            <span aria-hidden="true">{copied ? '✓' : <TwoSheets />}</span>
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  )
}

/** A command for the terminal, ready to be copied. */
export function Command({ children }: { children: string }) {
  return (
    <span className="mono" style={{ display: 'inline-flex', alignItems: 'center', gap: 6, background: 'var(--surface-raised)', border: '1px solid var(--line)', borderRadius: 4, padding: '2px 4px 2px 8px', maxWidth: '100%' }}>
      <span className="wrap">{children}</span>
      <CopyIcon value={children} what="Copy the command" />
    </span>
  )
}

/** Drawn, as few fonts have the sign. */
function TwoSheets() {
  return (
    <svg width="12" height="12" viewBox="0 0 12 12" fill="none" stroke="currentColor" style={{ display: 'block' }}>
      <rect x="0.5" y="3.5" width="8" height="8" rx="1" />
      <path d="M3.5 3.5v-2a1 1 0 0 1 1-1h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-2" />
    </svg>
  )
}
