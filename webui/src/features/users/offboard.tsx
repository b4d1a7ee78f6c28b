import { Switch } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { User } from '@/api/cluster'
import { counted } from '@/lib/quantity'
import { ConfirmByName } from '@/ui/confirm-by-name'
import { sayDone } from '@/ui/toast'
import { offboard } from './api'

/** Lets somebody in no more, after saying what that means. */
export function Offboard({ user, opened, onClose }: { user: User; opened: boolean; onClose: () => void }) {
  const client = useQueryClient()
  const [force, setForce] = useState(false)
  const { live } = user.jobs
  const confirm = async () => {
    await offboard(client, user.id, force)
    sayDone(`${user.name} is let in no more.`)
  }
  return (
    <ConfirmByName opened={opened} title={`Off-board ${user.name}`} name={user.name} button="Off-board" onConfirm={confirm} onClose={onClose}>
      <ul style={{ margin: '0 0 10px', paddingLeft: 18 }}>
        <li>Links, sessions and access tokens end at once.</li>
        <li>What they own stays, and the group {user.group.name} goes on seeing it.</li>
        <li>On-boarded again under the same name, what was theirs is theirs again.</li>
        {live > 0 && (
          <li>
            <Link to="/jobs" search={{ show: 'everyone', text: user.name, live: true }}>
              {counted(live, 'job')}
            </Link>{' '}
            of theirs {live === 1 ? 'lives' : 'live'}
            {user.gpus > 0 && ` with ${counted(user.gpus, 'GPU')}`}: {force ? 'stopped now.' : 'off-boarding is refused until these have ended, unless they are stopped.'}
          </li>
        )}
      </ul>
      {live > 0 && <Switch label={`Stop ${live === 1 ? 'it' : 'them'} now`} checked={force} onChange={(event) => setForce(event.currentTarget.checked)} />}
    </ConfirmByName>
  )
}
