import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { ErrorPanel } from './panel'

interface Props {
  opened: boolean
  title: string
  /** What must be typed. */
  name: string
  /** What will be lost and what stays. */
  children: ReactNode
  button: string
  onConfirm: () => Promise<unknown>
  onClose: () => void
}

/** For what cannot be undone: says what will happen, and wants the name typed. */
export function ConfirmByName({ opened, title, name, children, button, onConfirm, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={title}>
      {opened && <Form name={name} button={button} onConfirm={onConfirm} onClose={onClose} body={children} />}
    </Modal>
  )
}

function Form({ name, button, onConfirm, onClose, body }: Omit<Props, 'opened' | 'title' | 'children'> & { body: ReactNode }) {
  const [typed, setTyped] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const confirm = async () => {
    setBusy(true)
    setError(null)
    try {
      await onConfirm()
      onClose()
    } catch (fault) {
      setError(fault)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (typed === name) void confirm()
      }}
    >
      <Stack gap={12}>
        <div>{body}</div>
        <TextInput
          label={
            <>
              Type <Text span className="mono wrap">{name}</Text> to confirm
            </>
          }
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-autofocus
          autoComplete="off"
        />
        {error !== null && <ErrorPanel error={error} />}
        <Group justify="flex-end" gap={8}>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" color="red.9" variant="filled" disabled={typed !== name} loading={busy}>
            {button}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
