import { Button, Checkbox, Group, Select } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Group as GroupShort, GroupFull, User } from '@/api/cluster'
import { counted } from '@/lib/quantity'
import { useAction } from '@/ui/action'
import { ErrorPanel } from '@/ui/panel'
import { sayDone } from '@/ui/toast'
import { moveUser } from './api'
import classes from './members.module.css'

/** Who is in a group and what each uses now; the chosen ones can be moved. */
export function Members({ group, groups }: { group: GroupFull; groups: readonly GroupShort[] }) {
  const client = useQueryClient()
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [target, setTarget] = useState<string | null>(null)
  const action = useAction()
  if (group.members.length === 0) return <p className="dim">Nobody yet. On-board somebody into this group on the users' page, or move people here from their groups.</p>
  const chosen = group.members.filter((user) => selected.has(user.id))
  const toggle = (user: User) => {
    const next = new Set(selected)
    if (!next.delete(user.id)) next.add(user.id)
    setSelected(next)
  }
  const move = async () => {
    const to = groups.find((each) => each.id === target)
    if (!to) return
    // One after the other: who is refused, stays, and those before have moved.
    for (const user of chosen) await moveUser(client, user.id, to.id)
    setSelected(new Set())
    const undo = async () => {
      for (const user of chosen) await moveUser(client, user.id, group.id)
    }
    sayDone(`${chosen.length === 1 ? chosen[0]!.name : counted(chosen.length, 'person', 'people')} moved to ${to.name}.`, () => undo())
  }
  return (
    <>
      <ul className={classes.list}>
        {group.members.map((user) => (
          <li key={user.id} className={classes.row}>
            <Checkbox aria-label={`Choose ${user.name}`} checked={selected.has(user.id)} onChange={() => toggle(user)} />
            <Link to="/operator/users" search={{ user: user.name }} className="clip" title={user.name}>
              {user.name}
            </Link>
            <span className="dim">{user.role === 'operator' ? 'operator' : ''}</span>
            <span>
              {counted(user.gpus, 'GPU')} · {counted(user.jobs.live, 'job')}
            </span>
          </li>
        ))}
      </ul>
      {chosen.length > 0 && (
        <Group gap={8} mt={8}>
          <Select aria-label="Move to group" placeholder="Move to…" data={groups.filter((each) => each.id !== group.id).map((each) => ({ value: each.id, label: each.name }))} value={target} onChange={setTarget} style={{ flex: 1 }} />
          <Button disabled={target === null} loading={action.busy} onClick={() => void action.run(move)}>
            Move {chosen.length}
          </Button>
        </Group>
      )}
      {action.error !== null && <ErrorPanel error={action.error} />}
    </>
  )
}
