import { Button, Group, Modal, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import { useAction } from './action'
import { ErrorPanel } from './panel'

interface Props {
  opened: boolean
  title: string
  button: string
  /** Closes when it succeeds; what it refuses with is shown above the buttons. */
  onSubmit: () => Promise<unknown>
  onClose: () => void
  /** Why it cannot be sent yet. */
  disabled?: boolean
  danger?: boolean
  children: ReactNode
}

/** A small form over the page. Its state begins anew when the caller unmounts the children. */
export function FormModal({ opened, title, onClose, ...form }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={title}>
      {opened && <Form onClose={onClose} {...form} />}
    </Modal>
  )
}

function Form({ button, onSubmit, onClose, disabled = false, danger = false, children }: Omit<Props, 'opened' | 'title'>) {
  const action = useAction()
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (disabled) return
        void action.run(onSubmit).then((done) => done && onClose())
      }}
    >
      <Stack gap={12}>
        {children}
        {action.error !== null && <ErrorPanel error={action.error} />}
        <Group justify="flex-end" gap={8}>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="filled" disabled={disabled} loading={action.busy} {...(danger ? { color: 'red.9' } : {})}>
            {button}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
