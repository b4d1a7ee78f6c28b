import { Button, Select, Text, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { poolsQuery } from '@/api/cluster'
import { FormModal } from '@/ui/form-modal'
import { sayDone } from '@/ui/toast'
import { createGroup } from './api'

interface Props {
  opened: boolean
  onClose: () => void
  onMade: (name: string) => void
}

export function NewGroup(props: Props) {
  // Begins anew each time it is opened.
  return props.opened ? <Form {...props} /> : null
}

function Form({ onClose, onMade }: Props) {
  const client = useQueryClient()
  const pools = useQuery(poolsQuery)
  const [name, setName] = useState('')
  const [pool, setPool] = useState<string | null>(null)
  const idle = (pools.data ?? []).filter((each) => each.group === null)
  const submit = async () => {
    const made = await createGroup(client, { name: name.trim(), pool: pool ?? '' })
    sayDone(`The group ${made.name} is made.`)
    onMade(made.name)
  }
  return (
    <FormModal opened title="New group" button="Create" disabled={name.trim() === '' || pool === null} onSubmit={submit} onClose={onClose}>
      <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} maxLength={255} data-autofocus autoComplete="off" />
      {pools.data && idle.length === 0 ? (
        <>
          <Text>A group needs a pool of its own, and every pool has a group. Make a pool first; it may have no GPU yet.</Text>
          <div>
            <Button component={Link} to="/operator/pools">
              Make a pool
            </Button>
          </div>
        </>
      ) : (
        <Select
          label="Pool"
          description="Those without a group. A group has one pool and a pool has one group."
          data={idle.map((each) => ({ value: each.id, label: `${each.name}: ${each.total} ${each.model ?? 'GPUs'}` }))}
          value={pool}
          onChange={setPool}
        />
      )}
    </FormModal>
  )
}
