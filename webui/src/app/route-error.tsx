import { Button } from '@mantine/core'
import { Link, useRouter, type ErrorComponentProps } from '@tanstack/react-router'
import { ApiError } from '@/api/error'
import { EmptyState } from '@/ui/empty-state'
import { ErrorPanel } from '@/ui/panel'

/** A page that could not be shown at all. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  if (error instanceof ApiError && error.isMissing) return <Missing />
  const again = () => {
    reset()
    void router.invalidate()
  }
  return (
    <div style={{ maxWidth: 640, margin: '10vh auto', padding: 16 }}>
      <ErrorPanel error={error} what="This page could not be shown" onRetry={again} />
    </div>
  )
}

/** What is not there, or not for the eyes of who asks: the server tells neither from the other. */
export function Missing() {
  return (
    <EmptyState
      title="There is nothing here"
      action={
        <Button component={Link} to="/">
          Go home
        </Button>
      }
    >
      What this address names does not exist, was deleted, or belongs to another group.
    </EmptyState>
  )
}
