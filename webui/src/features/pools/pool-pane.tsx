import { Button, Group, NumberInput, Stack, Text, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { PoolFull } from '@/api/cluster'
import { counted } from '@/lib/quantity'
import { useAction } from '@/ui/action'
import { ConfirmByName } from '@/ui/confirm-by-name'
import { ErrorPanel, Loaded } from '@/ui/panel'
import { Facts, SidePane } from '@/ui/side-pane'
import { TimeAgo } from '@/ui/time'
import { sayDone } from '@/ui/toast'
import { deletePool, editPool, poolQuery } from './api'
import { kDefaultPool } from './board'

/** One pool: who uses it, its name, and how many GPUs it is to have. */
export function PoolPane({ pool, onClose, onRenamed }: { pool: string; onClose: () => void; onRenamed: (name: string) => void }) {
  const query = useQuery(poolQuery(pool))
  return (
    <SidePane title={pool} onClose={onClose}>
      <Loaded query={query} what="The pool could not be read">
        {(full) => <Details key={full.id} pool={full} onClose={onClose} onRenamed={onRenamed} />}
      </Loaded>
    </SidePane>
  )
}

function Details({ pool, onClose, onRenamed }: { pool: PoolFull; onClose: () => void; onRenamed: (name: string) => void }) {
  const isDefault = pool.id === kDefaultPool
  return (
    <Stack gap={16}>
      <Facts
        facts={[
          ['Model', pool.model ?? (isDefault ? 'any: it holds what is left' : 'that of its first GPU')],
          ['GPUs', `${pool.total}: ${pool.used} in use, ${pool.free} free${pool.unhealthy > 0 ? `, ${pool.unhealthy} unhealthy` : ''}`],
          ['Group', pool.group ? <Link key="group" to="/operator/groups" search={{ group: pool.group.name }}>{pool.group.name}</Link> : 'none; a new group may have it'],
          ['Used by', pool.used_by_group && pool.used_by_group.length > 0 ? pool.used_by_group.map((use) => `${use.group.name} ${use.gpus}`).join(' · ') : 'nobody now'],
          ['Nodes', pool.nodes.length > 0 ? pool.nodes.map((each) => `${each.node} ${each.gpus}`).join(' · ') : '–'],
          ['Clustered', pool.clustered ? 'yes: a job that needs more than one node has, says over how many workers' : 'no'],
          ['Waiting', <Link key="queue" to="/operator/queue" search={{ pool: pool.name }}>{counted(pool.waiting_jobs, 'job')}</Link>],
          ['Made', pool.created_at ? <TimeAgo key="at" at={pool.created_at} /> : 'with the server'],
        ]}
      />
      {pool.missing_devices.length > 0 && (
        <Text className="wrap">
          <span className="tone-bad" aria-hidden="true">
            ✕
          </span>{' '}
          {counted(pool.missing_devices.length, 'GPU')} missing, not counted, and here again when they return: {pool.missing_devices.map((key) => `${key.node}/${key.uuid}`).join(', ')}
        </Text>
      )}
      {isDefault ? (
        <Text c="dimmed">The Default Pool has whatever no other pool has. It cannot be changed by itself, renamed or deleted: change another pool to give it GPUs or to take some away.</Text>
      ) : (
        <Edit pool={pool} onClose={onClose} onRenamed={onRenamed} />
      )}
    </Stack>
  )
}

function Edit({ pool, onClose, onRenamed }: { pool: PoolFull; onClose: () => void; onRenamed: (name: string) => void }) {
  const client = useQueryClient()
  const [name, setName] = useState(pool.name)
  const [gpus, setGpus] = useState<number | string>(pool.total)
  const [deleting, setDeleting] = useState(false)
  const naming = useAction()
  const counting = useAction()
  const rename = async () => {
    await editPool(client, pool.id, { name: name.trim() })
    onRenamed(name.trim())
    sayDone(`${pool.name} is called ${name.trim()} now.`)
  }
  const count = async () => {
    const before = pool.total
    const saved = await editPool(client, pool.id, { gpus: Number(gpus) })
    sayDone(`${saved.name} has ${counted(saved.total, 'GPU')}.`, () => editPool(client, pool.id, { gpus: before }))
  }
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void naming.run(rename)
        }}
      >
        <Group gap={8} align="flex-end">
          <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} maxLength={255} style={{ flex: 1 }} />
          <Button type="submit" disabled={name.trim() === '' || name.trim() === pool.name} loading={naming.busy}>
            Rename
          </Button>
        </Group>
        {naming.error !== null && <ErrorPanel error={naming.error} />}
      </form>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void counting.run(count)
        }}
      >
        <Group gap={8} align="flex-end">
          <NumberInput label="GPUs" description="More come from the Default Pool; fewer go back, unhealthy and idle ones first." value={gpus} onChange={setGpus} min={0} allowDecimal={false} style={{ flex: 1 }} />
          <Button type="submit" disabled={typeof gpus !== 'number' || gpus === pool.total} loading={counting.busy}>
            Set
          </Button>
        </Group>
        {counting.error !== null && <ErrorPanel error={counting.error} />}
      </form>
      <div>
        <Button color="var(--bad)" variant="outline" onClick={() => setDeleting(true)}>
          Delete…
        </Button>
      </div>
      <ConfirmByName
        opened={deleting}
        title={`Delete the pool ${pool.name}`}
        name={pool.name}
        button="Delete"
        onClose={() => setDeleting(false)}
        onConfirm={async () => {
          await deletePool(client, pool.id)
          onClose()
          sayDone(`${pool.name} is deleted; its GPUs are in the Default Pool.`)
        }}
      >
        <ul style={{ margin: 0, paddingLeft: 18 }}>
          <li>{counted(pool.total, 'GPU')} go back to the Default Pool.</li>
          <li>It is refused while a group has the pool{pool.group ? `: ${pool.group.name} has it now` : ''}, or while one of its GPUs is in use.</li>
        </ul>
      </ConfirmByName>
    </>
  )
}
