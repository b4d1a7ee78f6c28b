import { Button, Checkbox, Group, PasswordInput, Select, Stack, Table, Text, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { signIn, signOut, useMe } from '@/api/session'
import { waysQuery } from '@/api/sign-in-ways'
import { useAction } from '@/ui/action'
import { Command, CopyIcon } from '@/ui/copy'
import { Page } from '@/ui/page'
import { ErrorPanel, Loaded, Panel } from '@/ui/panel'
import { ClockTime, TimeAgo } from '@/ui/time'
import { sayDone, sayFailed } from '@/ui/toast'
import { beginLink, makeToken, revokeToken, sessionsQuery, setPassword, tokensQuery, type Scope } from './api'

/** Who one is here: access tokens, sessions, password, linked providers. */
export function AccountPage({ beside }: { beside?: ReactNode }) {
  return (
    <Page title="Account" beside={<Who />}>
      <Stack gap={12} maw={860}>
        <Tokens />
        {beside}
        <Password />
        <Sessions />
      </Stack>
    </Page>
  )
}

const kScopes: { value: Scope; label: string; about: string }[] = [
  { value: 'read', label: 'read', about: 'see projects, jobs and logs' },
  { value: 'run', label: 'run', about: 'run, stop and clone jobs' },
  { value: 'write', label: 'write', about: 'change projects and files' },
  { value: 'operate', label: 'operate', about: 'what operators may' },
]

/** A long name leaves the title of the page alone. */
function Who() {
  const me = useMe()
  const text = `${me.user}, ${me.role}${me.group ? `, ${me.group}` : ''}`
  return (
    <span className="dim clip" style={{ flexShrink: 1e6 }} title={text}>
      {text}
    </span>
  )
}

function Tokens() {
  const me = useMe()
  const client = useQueryClient()
  const tokens = useQuery(tokensQuery)
  const action = useAction()
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<Scope[]>(['read', 'run', 'write'])
  const [expires, setExpires] = useState('90d')
  const [made, setMade] = useState('')
  const offered = kScopes.filter((scope) => scope.value !== 'operate' || me.isOperator)
  const create = () =>
    action.run(async () => {
      setMade((await makeToken(name, scopes, expires === 'never' ? '' : expires)).token)
      setName('')
      await client.invalidateQueries({ queryKey: tokensQuery.queryKey })
    })
  const revoke = async (id: string, tokenName: string) => {
    try {
      await revokeToken(id)
      sayDone(`The token ${tokenName} is of no use any more.`)
      await client.invalidateQueries({ queryKey: tokensQuery.queryKey })
    } catch (error) {
      sayFailed(`The token ${tokenName} could not be revoked`, error)
    }
  }
  return (
    <Panel title="Access tokens">
      <Text c="dimmed" mb={8}>
        What the command line and programs show instead of your password. On another machine: <span className="mono">pintle login --url {globalThis.location.origin} --token …</span>
      </Text>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void create()
        }}
      >
        <Group gap={12} align="flex-end">
          <TextInput label="Name" required value={name} maxLength={100} placeholder="laptop" onChange={(event) => setName(event.currentTarget.value)} />
          <Select
            label="Ends"
            w={120}
            allowDeselect={false}
            value={expires}
            onChange={(value) => setExpires(value ?? '90d')}
            data={[
              { value: '7d', label: 'in a week' },
              { value: '90d', label: 'in 90 days' },
              { value: '365d', label: 'in a year' },
              { value: 'never', label: 'never' },
            ]}
          />
          <Checkbox.Group label="May" value={scopes} onChange={(value) => setScopes(value as Scope[])}>
            <Group gap={10} h={30}>
              {offered.map((scope) => (
                <Checkbox key={scope.value} value={scope.value} label={scope.label} title={scope.about} />
              ))}
            </Group>
          </Checkbox.Group>
          <Button type="submit" loading={action.busy} disabled={scopes.length === 0}>
            Make a token
          </Button>
        </Group>
      </form>
      {action.error !== null && <ErrorPanel error={action.error} what="The token could not be made" />}
      {made && (
        <div role="status" style={{ marginTop: 12, padding: 8, background: 'var(--good-soft)', border: '1px solid var(--good)', borderRadius: 4 }}>
          It is shown this once:{' '}
          <span className="mono wrap" data-testid="token">
            {made}
          </span>{' '}
          <CopyIcon value={made} what="Copy the token" />
        </div>
      )}
      <Loaded query={tokens} what="Your tokens could not be read" rows={3}>
        {(list) =>
          list.length === 0 ? (
            <Text c="dimmed" mt={12}>
              You have none. <Command>pintle login</Command> makes one for this machine.
            </Text>
          ) : (
            <Table mt={12}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Name</Table.Th>
                  <Table.Th>May</Table.Th>
                  <Table.Th>Made</Table.Th>
                  <Table.Th>Ends</Table.Th>
                  <Table.Th aria-label="Actions" />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {list.map((token) => (
                  <Table.Tr key={token.id}>
                    <Table.Td className="wrap">{token.name}</Table.Td>
                    <Table.Td>{token.scopes.join(', ')}</Table.Td>
                    <Table.Td>
                      <TimeAgo at={token.created_at} />
                    </Table.Td>
                    <Table.Td>{token.expires_at ? <ClockTime at={token.expires_at} /> : 'never'}</Table.Td>
                    <Table.Td ta="right">
                      <Button onClick={() => void revoke(token.id, token.name)} aria-label={`Revoke ${token.name}`}>
                        Revoke
                      </Button>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )
        }
      </Loaded>
    </Panel>
  )
}

function Password() {
  const me = useMe()
  const client = useQueryClient()
  const ways = useQuery(waysQuery)
  const action = useAction()
  const [old, setOld] = useState('')
  const [next, setNext] = useState('')
  const [again, setAgain] = useState('')
  const change = async () => {
    const done = await action.run(async () => {
      await setPassword(me.user, old, next)
      // It has ended every session, this one too.
      await signIn(client, me.user, next)
    })
    if (!done) return
    setOld('')
    setNext('')
    setAgain('')
    sayDone('Your password is changed; you are signed out everywhere else.')
  }
  const link = async (provider: string) => {
    try {
      globalThis.location.assign(await beginLink(provider))
    } catch (error) {
      sayFailed(`${provider} could not be linked`, error)
    }
  }
  return (
    <Panel title="Signing in">
      {ways.data?.password !== false && (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (next === again) void change()
          }}
        >
          <Group gap={12} align="flex-end">
            <PasswordInput size="xs" w={180} label="Present password" autoComplete="current-password" required value={old} onChange={(event) => setOld(event.currentTarget.value)} />
            <PasswordInput size="xs" w={180} label="New password" autoComplete="new-password" required value={next} onChange={(event) => setNext(event.currentTarget.value)} />
            <PasswordInput size="xs" w={180} label="The same again" autoComplete="new-password" required value={again} onChange={(event) => setAgain(event.currentTarget.value)} error={again !== '' && again !== next ? 'They differ.' : null} />
            <Button type="submit" loading={action.busy} disabled={next !== again}>
              Change the password
            </Button>
          </Group>
        </form>
      )}
      {action.error !== null && <ErrorPanel error={action.error} what="The password was not changed" />}
      {ways.data?.providers.map((provider) => (
        <Button key={provider.name} mt={12} mr={8} onClick={() => void link(provider.name)}>
          Link with {provider.name}
        </Button>
      ))}
    </Panel>
  )
}

function Sessions() {
  const sessions = useQuery(sessionsQuery)
  const client = useQueryClient()
  const leaveAll = async () => {
    try {
      await signOut(client, true)
      globalThis.location.assign('/welcome')
    } catch (error) {
      sayFailed('Signing out everywhere did not work', error)
    }
  }
  return (
    <Panel title="Where you are signed in" actions={<Button onClick={() => void leaveAll()}>Sign out everywhere and revoke all tokens</Button>}>
      <Loaded query={sessions} what="Your sessions could not be read" rows={2}>
        {(list) => (
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Address</Table.Th>
                <Table.Th>Browser</Table.Th>
                <Table.Th>Since</Table.Th>
                <Table.Th>Ends</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {list.map((place, index) => (
                <Table.Tr key={index}>
                  <Table.Td style={{ whiteSpace: 'nowrap' }}>
                    {place.address}
                    {place.current && ' (here)'}
                  </Table.Td>
                  <Table.Td className="wrap dim">{place.agent}</Table.Td>
                  <Table.Td style={{ whiteSpace: 'nowrap' }}>
                    <TimeAgo at={place.created_at} />
                  </Table.Td>
                  <Table.Td style={{ whiteSpace: 'nowrap' }}>
                    <ClockTime at={place.expires_at} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Loaded>
    </Panel>
  )
}
