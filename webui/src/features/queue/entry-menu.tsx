import { ActionIcon, Menu, NumberInput, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { QueueEntry } from '@/api/cluster'
import { FormModal } from '@/ui/form-modal'

export interface EntryActions {
  /** Places among others are given by operators only. */
  canMove: boolean
  isFirst: boolean
  isLast: boolean
  onMove: (to: 'top' | 'up' | 'down' | 'bottom') => void
  onPriority: (priority: number) => Promise<unknown>
  onHold: (reason: string) => Promise<unknown>
  onRelease: () => void
}

/** Everything that can be done with a waiting job; what dragging does too stands here for all other ways of pointing. */
export function EntryMenu({ entry, actions }: { entry: QueueEntry; actions: EntryActions }) {
  const [form, setForm] = useState<'hold' | 'priority' | null>(null)
  const [reason, setReason] = useState('')
  const [priority, setPriority] = useState<number | string>(entry.priority)
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={`Actions for ${entry.name}`}>
            <span aria-hidden="true">⋯</span>
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {actions.canMove && (
            <>
              <Menu.Item disabled={actions.isFirst} onClick={() => actions.onMove('top')}>
                To the front
              </Menu.Item>
              <Menu.Item disabled={actions.isFirst} onClick={() => actions.onMove('up')}>
                One up
              </Menu.Item>
              <Menu.Item disabled={actions.isLast} onClick={() => actions.onMove('down')}>
                One down
              </Menu.Item>
              <Menu.Item disabled={actions.isLast} onClick={() => actions.onMove('bottom')}>
                To the end
              </Menu.Item>
              <Menu.Divider />
            </>
          )}
          <Menu.Item
            onClick={() => {
              setPriority(entry.priority)
              setForm('priority')
            }}
          >
            Priority…
          </Menu.Item>
          {entry.held === null ? (
            <Menu.Item
              onClick={() => {
                setReason('')
                setForm('hold')
              }}
            >
              Hold…
            </Menu.Item>
          ) : (
            <Menu.Item onClick={actions.onRelease}>Release</Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <FormModal opened={form === 'hold'} title={`Hold ${entry.name}`} button="Hold" onSubmit={() => actions.onHold(reason.trim())} onClose={() => setForm(null)}>
        <Text>It keeps its place, and does not start until somebody releases it.</Text>
        <TextInput label="Why" description="Shown to everybody who sees the job; may be empty." value={reason} onChange={(event) => setReason(event.currentTarget.value)} data-autofocus maxLength={500} />
      </FormModal>
      <FormModal opened={form === 'priority'} title={`Priority of ${entry.name}`} button="Set priority" disabled={typeof priority !== 'number'} onSubmit={() => actions.onPriority(Number(priority))} onClose={() => setForm(null)}>
        <NumberInput
          label="Priority"
          description={`The higher goes first, among equals who came first. From -1000 to ${actions.canMove ? 1000 : 100}.`}
          value={priority}
          onChange={setPriority}
          min={-1000}
          max={actions.canMove ? 1000 : 100}
          allowDecimal={false}
          data-autofocus
        />
      </FormModal>
    </>
  )
}
