import { Button, Checkbox, Group, Table, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useMe } from '@/api/session'
import { ConfirmByName } from '@/ui/confirm-by-name'
import { Command } from '@/ui/copy'
import { Loaded, Panel } from '@/ui/panel'
import { TimeAgo } from '@/ui/time'
import { sayDone } from '@/ui/toast'
import { AccountForm } from './account-form'
import { accountsQuery, deleteAccount, type Account } from './api'
import { kindOf } from './kinds'

/** What opens private repositories, buckets and registries, without the secrets. */
export function AccountsPanel() {
  const me = useMe()
  const client = useQueryClient()
  const accounts = useQuery(accountsQuery)
  // Null: a new one.
  const [edited, setEdited] = useState<Account | null | undefined>(undefined)
  const [doomed, setDoomed] = useState<Account | null>(null)
  const reread = () => client.invalidateQueries({ queryKey: accountsQuery.queryKey })
  return (
    <Panel title="Accounts for sources and images" actions={<Button onClick={() => setEdited(null)}>Keep an account</Button>}>
      <Loaded query={accounts} what="The accounts could not be read" rows={3}>
        {(list) => (list.length === 0 ? <Nothing /> : <Accounts list={list} onEdit={setEdited} onDelete={setDoomed} />)}
      </Loaded>
      {edited !== undefined && <AccountForm account={edited} group={me.group ?? ''} onSaved={reread} onClose={() => setEdited(undefined)} />}
      {doomed && <DeleteAccount account={doomed} onDeleted={reread} onClose={() => setDoomed(null)} />}
    </Panel>
  )
}

function Nothing() {
  return (
    <Text c="dimmed">
      Keys, tokens and passwords for private repositories, buckets and images are kept here; sources name them. <Command>pintle account create github --kind git_token</Command>
    </Text>
  )
}

interface AccountsProps {
  list: readonly Account[]
  onEdit: (account: Account) => void
  onDelete: (account: Account) => void
}

function Accounts({ list, onEdit, onDelete }: AccountsProps) {
  return (
    <div style={{ overflowX: 'auto' }}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Kind</Table.Th>
            <Table.Th>Opens</Table.Th>
            <Table.Th>Used by</Table.Th>
            <Table.Th>Changed</Table.Th>
            <Table.Th aria-label="Actions" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {list.map((account) => (
            <Table.Tr key={account.id}>
              <Table.Td className="wrap">
                {account.name}
                {account.fault && (
                  <Text size="xs" className="tone-bad wrap">
                    <span aria-hidden="true">✕ </span>
                    {account.fault}
                  </Text>
                )}
              </Table.Td>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>{kindOf(account.kind).label}</Table.Td>
              <Table.Td className="wrap">
                <Opens account={account} />
              </Table.Td>
              <Table.Td className="wrap">{account.group ? `the group ${account.group.name}` : 'you alone'}</Table.Td>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>
                <TimeAgo at={account.updated_at} />
              </Table.Td>
              <Table.Td>
                <Group gap={6} justify="flex-end" wrap="nowrap">
                  {account.may_edit ? (
                    <>
                      <Button onClick={() => onEdit(account)} aria-label={`Change ${account.name}`}>
                        Change
                      </Button>
                      <Button onClick={() => onDelete(account)} aria-label={`Delete ${account.name}`}>
                        Delete
                      </Button>
                    </>
                  ) : (
                    <span className="dim">of {account.owner.name}</span>
                  )}
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

/** Where and as whom; nothing secret. */
function Opens({ account }: { account: Account }) {
  const place = account.server ?? 'any server'
  return (
    <>
      {account.user ? `${account.user} at ${place}` : place}
      {account.fingerprint && <div className="mono dim wrap">{account.fingerprint}</div>}
    </>
  )
}

function DeleteAccount({ account, onDeleted, onClose }: { account: Account; onDeleted: () => Promise<unknown>; onClose: () => void }) {
  const [force, setForce] = useState(false)
  const confirm = async () => {
    await deleteAccount(account.id, force)
    sayDone(`The account ${account.name} is deleted, with its secret.`)
    await onDeleted()
  }
  return (
    <ConfirmByName opened title={`Delete ${account.name}`} name={account.name} button="Delete" onConfirm={confirm} onClose={onClose}>
      <Text mb={8}>Its secret goes with it. Jobs that run keep what they were given.</Text>
      <Checkbox label="Also when projects use it: they cannot reach their sources then" checked={force} onChange={(event) => setForce(event.currentTarget.checked)} />
    </ConfirmByName>
  )
}
