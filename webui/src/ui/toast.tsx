import { notifications } from '@mantine/notifications'
import type { ReactNode } from 'react'
import { messageOf } from '@/api/error'

/** Says that something was done; goes by itself. `undo` stays a little longer; what it fails with is said too. */
export function sayDone(message: ReactNode, undo?: () => unknown) {
  const id = notifications.show({
    message: undo ? (
      <>
        {message}{' '}
        <button
          type="button"
          style={{ all: 'unset', cursor: 'pointer', color: 'var(--accent)', textDecoration: 'underline' }}
          onClick={() => {
            notifications.hide(id)
            void (async () => undo())().catch((error: unknown) => sayFailed('It could not be undone', error))
          }}
        >
          Undo
        </button>
      </>
    ) : (
      message
    ),
    autoClose: undo ? 10_000 : 4_000,
    withBorder: true,
    color: 'accent',
  })
}

/** Says what could not be done; stays until it is closed. */
export function sayFailed(what: string, error: unknown) {
  notifications.show({ title: what, message: messageOf(error), color: 'red', autoClose: false, withBorder: true, role: 'alert' })
}
