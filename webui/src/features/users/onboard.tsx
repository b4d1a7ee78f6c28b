import { Button, Group, Modal, Select, Stack, Switch, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { groupsQuery } from '@/api/cluster'
import { useAction } from '@/ui/action'
import { ErrorPanel } from '@/ui/panel'
import { onboard, type Invitation } from './api'
import { InvitationLink } from './invitation-link'

interface Props {
  opened: boolean
  group: string | undefined
  onClose: () => void
}

/** Lets somebody in, and shows the link for them. */
export function Onboard({ opened, group, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="On-board somebody" closeOnClickOutside={false}>
      {opened && <Form group={group} onClose={onClose} />}
    </Modal>
  )
}

function Form({ group, onClose }: Omit<Props, 'opened'>) {
  const client = useQueryClient()
  const groups = useQuery(groupsQuery)
  const [name, setName] = useState('')
  const [into, setInto] = useState<string | null>(group ?? null)
  const [isOperator, setOperator] = useState(false)
  const [invitation, setInvitation] = useState<Invitation | null>(null)
  const action = useAction()
  if (invitation) {
    return (
      <Stack gap={12}>
        <InvitationLink invitation={invitation} />
        <Group justify="flex-end" gap={8}>
          <Button
            onClick={() => {
              setInvitation(null)
              setName('')
            }}
          >
            On-board another
          </Button>
          <Button variant="filled" onClick={onClose} data-autofocus>
            Done
          </Button>
        </Group>
      </Stack>
    )
  }
  const submit = async () => {
    setInvitation(await onboard(client, { name: name.trim(), role: isOperator ? 'operator' : 'data scientist', ...(into ? { group: into } : {}) }))
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (name.trim() !== '') void action.run(submit)
      }}
    >
      <Stack gap={12}>
        <TextInput label="Name" description="With it they sign in. 1 to 255 characters without slash and colon." value={name} onChange={(event) => setName(event.currentTarget.value)} maxLength={255} data-autofocus autoComplete="off" autoCapitalize="none" spellCheck={false} />
        <Select label="Group" description="They share its work and its pool. Empty: the Default Group, or for somebody who returns the group that they were in." placeholder="Default Group" clearable searchable data={(groups.data ?? []).map((each) => each.name)} value={into} onChange={setInto} />
        <Switch label="Operator" description="Manages users, groups, pools and the queue, and does all that a data scientist does." checked={isOperator} onChange={(event) => setOperator(event.currentTarget.checked)} />
        {action.error !== null && <ErrorPanel error={action.error} />}
        <Group justify="flex-end" gap={8}>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="filled" disabled={name.trim() === ''} loading={action.busy}>
            On-board
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
