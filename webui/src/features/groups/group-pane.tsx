import { Button, Group, Select, Stack, TextInput, Title } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { groupsQuery, poolsQuery, type Group as GroupShort, type GroupFull } from '@/api/cluster'
import { counted } from '@/lib/quantity'
import { useAction } from '@/ui/action'
import { ConfirmByName } from '@/ui/confirm-by-name'
import { ErrorPanel, Loaded } from '@/ui/panel'
import { Facts, SidePane } from '@/ui/side-pane'
import { TimeAgo } from '@/ui/time'
import { sayDone } from '@/ui/toast'
import { deleteGroup, editGroup, groupQuery } from './api'
import { Members } from './members'
import { SharingForm } from './sharing-form'

export const kDefaultGroup = 'default'

/** One group: its pool, how it shares, and who is in it. */
export function GroupPane({ group, onClose, onRenamed }: { group: string; onClose: () => void; onRenamed: (name: string) => void }) {
  const query = useQuery(groupQuery(group))
  const groups = useQuery(groupsQuery)
  return (
    <SidePane title={group} onClose={onClose}>
      <Loaded query={query} what="The group could not be read">
        {(full) => <Details key={full.id} group={full} groups={groups.data ?? []} onClose={onClose} onRenamed={onRenamed} />}
      </Loaded>
    </SidePane>
  )
}

interface DetailsProps {
  group: GroupFull
  groups: readonly GroupShort[]
  onClose: () => void
  onRenamed: (name: string) => void
}

function Details({ group, groups, onClose, onRenamed }: DetailsProps) {
  const isDefault = group.id === kDefaultGroup
  const [deleting, setDeleting] = useState(false)
  const client = useQueryClient()
  return (
    <Stack gap={18}>
      <Facts
        facts={[
          ['GPUs in use', `${group.gpus}; its pool has ${group.pool.total}, ${group.pool.free} free`],
          ['Pool', <Link key="pool" to="/operator/pools" search={{ pool: group.pool.name }}>{group.pool.name}</Link>],
          ['Waiting', <Link key="queue" to="/operator/queue" search={{ pool: group.pool.name }}>{counted(group.pool.waiting_jobs, 'job')}</Link>],
          ['Made', group.created_at ? <TimeAgo key="at" at={group.created_at} /> : 'with the server; whoever is in no other group is here'],
        ]}
      />
      {!isDefault && <NameAndPool group={group} onRenamed={onRenamed} />}
      <section aria-label="Members">
        <Title order={3} mb={6}>
          {counted(group.members.length, 'member')}
        </Title>
        <Members group={group} groups={groups} />
      </section>
      <section aria-label="Sharing">
        <Title order={3} mb={8}>
          Sharing
        </Title>
        <SharingForm key={JSON.stringify(group.borrowing)} group={group} groups={groups} />
      </section>
      {!isDefault && (
        <div>
          <Button color="var(--bad)" variant="outline" onClick={() => setDeleting(true)}>
            Delete…
          </Button>
        </div>
      )}
      <ConfirmByName
        opened={deleting}
        title={`Delete the group ${group.name}`}
        name={group.name}
        button="Delete"
        onClose={() => setDeleting(false)}
        onConfirm={async () => {
          await deleteGroup(client, group.id)
          onClose()
          sayDone(`The group ${group.name} is deleted.`)
        }}
      >
        <ul style={{ margin: 0, paddingLeft: 18 }}>
          <li>{group.members.length === 0 ? 'Nobody is in it.' : `${counted(group.members.length, 'person goes', 'people go')} to the Default Group, with their projects; what they have waiting queues in the Default Pool.`}</li>
          <li>
            The pool {group.pool.name} keeps its {counted(group.pool.total, 'GPU')} and is free for another group.
          </li>
          <li>It is refused while jobs of the group run{group.gpus > 0 ? `: they use ${counted(group.gpus, 'GPU')} now` : ''}.</li>
        </ul>
      </ConfirmByName>
    </Stack>
  )
}

function NameAndPool({ group, onRenamed }: { group: GroupFull; onRenamed: (name: string) => void }) {
  const client = useQueryClient()
  const pools = useQuery(poolsQuery)
  const [name, setName] = useState(group.name)
  const naming = useAction()
  const pooling = useAction()
  const rename = async () => {
    await editGroup(client, group.id, { name: name.trim() })
    onRenamed(name.trim())
    sayDone(`${group.name} is called ${name.trim()} now.`)
  }
  const setPool = (pool: string | null) => {
    if (pool === null || pool === group.pool.id) return
    void pooling.run(async () => {
      const saved = await editGroup(client, group.id, { pool })
      sayDone(`${group.name} has the pool ${saved.pool.name}.`, () => editGroup(client, group.id, { pool: group.pool.id }))
    })
  }
  const choices = (pools.data ?? []).filter((pool) => pool.group === null || pool.id === group.pool.id)
  return (
    <Stack gap={10}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void naming.run(rename)
        }}
      >
        <Group gap={8} align="flex-end">
          <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} maxLength={255} style={{ flex: 1 }} />
          <Button type="submit" disabled={name.trim() === '' || name.trim() === group.name} loading={naming.busy}>
            Rename
          </Button>
        </Group>
      </form>
      {naming.error !== null && <ErrorPanel error={naming.error} />}
      <Select
        label="Pool"
        description="Those without a group. What waits follows into the new pool; what runs goes on."
        data={choices.map((pool) => ({ value: pool.id, label: `${pool.name}: ${pool.total} ${pool.model ?? 'GPUs'}` }))}
        value={group.pool.id}
        onChange={setPool}
        allowDeselect={false}
        disabled={pooling.busy}
      />
      {pooling.error !== null && <ErrorPanel error={pooling.error} />}
    </Stack>
  )
}
