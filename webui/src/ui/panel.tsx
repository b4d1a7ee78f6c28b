import { Button, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { Component, useEffect, useState, type ReactNode } from 'react'
import { ApiError, messageOf } from '@/api/error'

interface ErrorPanelProps {
  error: unknown
  /** What could not be done, as the beginning of the sentence: "The jobs could not be read". */
  what?: string
  onRetry?: () => void
}

/** An error where it belongs: what failed, where, and a way to try again. The rest of the page works on. */
export function ErrorPanel({ error, what, onRetry }: ErrorPanelProps) {
  const details = error instanceof ApiError ? error.details : []
  return (
    <Stack gap={6} p={12} role="alert" style={{ border: '1px solid var(--bad)', borderRadius: 4, background: 'var(--bad-soft)' }}>
      <Text className="wrap">
        <span className="tone-bad" aria-hidden="true">
          ✕{' '}
        </span>
        {what ? `${what}: ` : ''}
        {messageOf(error)}
      </Text>
      {details.length > 0 && (
        <ul style={{ margin: 0, paddingLeft: 20 }}>
          {details.slice(0, 20).map((fault, index) => (
            <li key={index} className="wrap">
              {fault.line !== null && `line ${fault.line}: `}
              {fault.path && <span className="mono">{fault.path}: </span>}
              {fault.message}
            </li>
          ))}
        </ul>
      )}
      <Group gap={8}>
        {onRetry && <Button onClick={onRetry}>Try again</Button>}
        {error instanceof ApiError && error.requestId && (
          <Text size="xs" c="dimmed">
            request {error.requestId}
          </Text>
        )}
      </Group>
    </Stack>
  )
}

/** Grey lines in place of what is being read, but only when it takes longer than a blink. */
export function Loading({ rows = 6 }: { rows?: number }) {
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 150)
    return () => clearTimeout(timer)
  }, [])
  if (!late) return null
  return (
    <Stack gap={10} p={12} role="group" aria-busy="true" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} height={12} width={`${90 - ((index * 17) % 45)}%`} />
      ))}
    </Stack>
  )
}

interface Query<T> {
  data: T | undefined
  error: unknown
  refetch: () => unknown
}

interface LoadedProps<T> {
  query: Query<T>
  what: string
  rows?: number
  children: (data: T) => ReactNode
}

/** What a query found, or why not, or that it is not there yet. What was found once stays when reading it again fails. */
export function Loaded<T>({ query, what, rows, children }: LoadedProps<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>
  if (query.error) return <ErrorPanel error={query.error} what={what} onRetry={() => void query.refetch()} />
  return <Loading {...(rows === undefined ? {} : { rows })} />
}

interface BoundaryState {
  error: unknown
}

/** Keeps a fault of the interface itself inside one panel. */
export class Boundary extends Component<{ children: ReactNode }, BoundaryState> {
  override state: BoundaryState = { error: null }

  static getDerivedStateFromError(error: unknown): BoundaryState {
    return { error }
  }

  override render() {
    if (this.state.error === null) return this.props.children
    return <ErrorPanel error={this.state.error} what="This part could not be shown" onRetry={() => this.setState({ error: null })} />
  }
}

interface PanelProps {
  title: string
  /** Beside the title, at the end of the line. */
  actions?: ReactNode
  children: ReactNode
  flush?: boolean
}

/** A bordered part of a page with a title. */
export function Panel({ title, actions, children, flush = false }: PanelProps) {
  return (
    <section aria-label={title} style={{ border: '1px solid var(--line)', borderRadius: 4, minWidth: 0 }}>
      <Group justify="space-between" gap={8} px={12} py={2} mih={34} style={{ borderBottom: '1px solid var(--line)' }}>
        <Title order={2} size="13px" className="clip">
          {title}
        </Title>
        {actions && (
          <Group gap={6} wrap="nowrap">
            {actions}
          </Group>
        )}
      </Group>
      <div style={{ padding: flush ? 0 : 12 }}>
        <Boundary>{children}</Boundary>
      </div>
    </section>
  )
}
