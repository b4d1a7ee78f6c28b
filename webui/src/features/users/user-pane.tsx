import { Button, Group, SegmentedControl, Select, Stack, Text, Title } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { groupsQuery, type User } from '@/api/cluster'
import { useMe } from '@/api/session'
import { counted } from '@/lib/quantity'
import { useAction } from '@/ui/action'
import { FormModal } from '@/ui/form-modal'
import { ErrorPanel, Loaded } from '@/ui/panel'
import { Facts, SidePane } from '@/ui/side-pane'
import { TimeAgo } from '@/ui/time'
import { sayDone } from '@/ui/toast'
import { changeUser, invite, onboard, signOutEverywhere, userQuery, type Invitation } from './api'
import { InvitationLink } from './invitation-link'
import { Offboard } from './offboard'
import { Tokens } from './tokens'

/** One person: role, group, ways in, and what they use now. */
export function UserPane({ user, onClose }: { user: string; onClose: () => void }) {
  const query = useQuery(userQuery(user))
  return (
    <SidePane title={user} onClose={onClose}>
      <Loaded query={query} what="The user could not be read">
        {(found) => <Details key={found.id} user={found} />}
      </Loaded>
    </SidePane>
  )
}

function waysIn(user: User): string {
  const ways = [user.has_password ? 'password' : null, user.provider].filter((way) => way !== null)
  return ways.length === 0 ? 'none yet: the link that they were sent sets a password' : ways.join(', ')
}

function Details({ user }: { user: User }) {
  const client = useQueryClient()
  const me = useMe()
  const groups = useQuery(groupsQuery)
  const [leaving, setLeaving] = useState(false)
  const [signingOut, setSigningOut] = useState(false)
  const [invitation, setInvitation] = useState<Invitation | null>(null)
  const change = useAction()
  const way = useAction()
  const isGone = user.status === 'offboarded'
  const setRole = (role: string) =>
    void change.run(async () => {
      await changeUser(client, user.id, { role })
      sayDone(`${user.name} is ${role === 'operator' ? 'an operator' : 'a data scientist'} now.`, () => changeUser(client, user.id, { role: user.role }))
    })
  const setGroup = (group: string | null) => {
    if (group === null || group === user.group.id) return
    const name = groups.data?.find((each) => each.id === group)?.name ?? 'another group'
    void change.run(async () => {
      await changeUser(client, user.id, { group })
      sayDone(`${user.name} is in ${name} now.`, () => changeUser(client, user.id, { group: user.group.id }))
    })
  }
  return (
    <Stack gap={18}>
      <Facts
        facts={[
          ['Status', isGone ? 'off-boarded: let in no more' : 'on-boarded'],
          ['Jobs', <Link key="jobs" to="/jobs" search={{ show: 'everyone', text: user.name, live: true }}>{counted(user.jobs.live, 'live job')}</Link>],
          ['GPUs in use', user.gpus],
          ['Signs in by', waysIn(user)],
          ['Let in', <TimeAgo key="at" at={user.created_at} />],
          ['Did', <Link key="audit" to="/operator/audit" search={{ actor: user.name }}>audit log of {user.name}</Link>],
        ]}
      />
      {isGone ? (
        <Stack gap={8}>
          <Text>On-board them again, and what was theirs is theirs again.</Text>
          <div>
            <Button variant="filled" loading={way.busy} onClick={() => void way.run(async () => setInvitation(await onboard(client, { name: user.name })))}>
              On-board again
            </Button>
          </div>
        </Stack>
      ) : (
        <>
          <Stack gap={10}>
            <div>
              <Text size="sm" mb={4} id="role-of-user">
                Role
              </Text>
              <SegmentedControl aria-labelledby="role-of-user" value={user.role} onChange={setRole} disabled={change.busy} data={[{ value: 'data scientist', label: 'Data scientist' }, { value: 'operator', label: 'Operator' }]} />
            </div>
            <Select
              label="Group"
              description="What runs goes on; what waits queues in the new group's pool; their projects follow."
              data={(groups.data ?? [user.group]).map((group) => ({ value: group.id, label: group.name }))}
              value={user.group.id}
              onChange={setGroup}
              allowDeselect={false}
              searchable
              disabled={change.busy}
            />
            {change.error !== null && <ErrorPanel error={change.error} />}
          </Stack>
          <section aria-label="Ways in">
            <Title order={3} mb={8}>
              Ways in
            </Title>
            <Group gap={8}>
              <Button loading={way.busy} onClick={() => void way.run(async () => setInvitation(await invite(user.id)))}>
                New invite link
              </Button>
              <Button onClick={() => setSigningOut(true)}>Sign out everywhere…</Button>
            </Group>
            <Text c="dimmed" mt={6}>
              A new link is for somebody who lost their password; an older link ends.
            </Text>
          </section>
        </>
      )}
      {way.error !== null && <ErrorPanel error={way.error} />}
      {invitation && <InvitationLink invitation={invitation} />}
      <section aria-label="Access tokens">
        <Title order={3} mb={6}>
          Access tokens
        </Title>
        <Tokens user={user} />
      </section>
      {!isGone && (
        <div>
          <Button color="var(--bad)" variant="outline" onClick={() => setLeaving(true)} disabled={me.user_id === user.id} title={me.user_id === user.id ? 'Another operator has to do that for you' : undefined}>
            Off-board…
          </Button>
        </div>
      )}
      <Offboard user={user} opened={leaving} onClose={() => setLeaving(false)} />
      <SignOut user={user} opened={signingOut} onClose={() => setSigningOut(false)} />
    </Stack>
  )
}

function SignOut({ user, opened, onClose }: { user: User; opened: boolean; onClose: () => void }) {
  const client = useQueryClient()
  const [tokens, setTokens] = useState('no')
  return (
    <FormModal
      opened={opened}
      title={`Sign ${user.name} out everywhere`}
      button="Sign out"
      danger
      onClose={onClose}
      onSubmit={async () => {
        await signOutEverywhere(client, user.id, tokens === 'yes')
        sayDone(`${user.name} is signed out${tokens === 'yes' ? ', and their tokens are revoked' : ''}.`)
      }}
    >
      <Text>Every browser in which they are signed in asks for the password again. Jobs go on.</Text>
      <SegmentedControl
        aria-label="Access tokens"
        value={tokens}
        onChange={setTokens}
        data={[
          { value: 'no', label: 'Tokens stay' },
          { value: 'yes', label: 'Revoke all tokens too' },
        ]}
      />
    </FormModal>
  )
}
