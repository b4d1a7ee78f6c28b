import { Autocomplete, Button, Group, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { accountNamesQuery } from '@/api/accounts'
import { messageOf } from '@/api/error'
import { askRevisions, type Revisions } from '@/api/repositories'
import { revisionGroups, revisionsText } from '@/lib/revision-choice'
import { AccountSelect } from './account-select'
import { useAction } from './action'

interface Props {
  repository: string
  revision: string
  account: string
  /** As it was typed: the caller may take an address apart. */
  onRepository: (typed: string) => void
  onRevision: (revision: string) => void
  onAccount: (account: string) => void
  /** What else may be given as the repository, or what became of it. */
  hint: string
  /** What an account is for. */
  accountHint: string
  autoFocus?: boolean
}

const kOrder: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error']

/**
 * Where a git repository is, who opens it, and which revision is meant. "Expand" asks the repository what there is to
 * choose from, which also shows whether it can be reached.
 */
export function GitFields({ repository, revision, account, onRepository, onRevision, onAccount, hint, accountHint, autoFocus = false }: Props) {
  const accounts = useQuery(accountNamesQuery('git')).data ?? []
  const asking = useAction()
  const [found, setFound] = useState<Revisions | null>(null)
  // What comes back for what is no longer meant is dropped.
  const wish = useRef(0)
  const forget = () => {
    wish.current += 1
    setFound(null)
    asking.clear()
  }
  const expand = async () => {
    forget()
    const asked = wish.current
    await asking.run(async () => {
      try {
        const answer = await askRevisions(repository.trim(), account)
        if (asked === wish.current) setFound(answer)
      } catch (fault) {
        if (asked === wish.current) throw fault
      }
    })
  }
  return (
    <>
      <TextInput
        label="Repository"
        required
        placeholder="https://host.example/team/repo"
        description={found ? revisionsText(found) : hint}
        inputWrapperOrder={kOrder}
        value={repository}
        error={asking.error === null ? null : messageOf(asking.error)}
        onChange={(event) => {
          forget()
          onRepository(event.currentTarget.value)
        }}
        rightSectionWidth={72}
        rightSection={
          <Button size="compact-xs" loading={asking.busy} disabled={repository.trim() === ''} onClick={() => void expand()} title="Ask it for its branches and tags">
            Expand
          </Button>
        }
        autoComplete="off"
        spellCheck={false}
        {...(autoFocus ? { autoFocus, 'data-autofocus': true } : {})}
      />
      <Group grow align="flex-start">
        <Autocomplete
          label="Revision"
          placeholder={found?.head ? `HEAD, which is ${found.head}` : 'HEAD'}
          description="Branch, tag or commit"
          inputWrapperOrder={kOrder}
          value={revision}
          onChange={onRevision}
          data={found ? revisionGroups(found) : []}
          limit={100}
          maxDropdownHeight={240}
          autoComplete="off"
          spellCheck={false}
        />
        <AccountSelect
          names={accounts}
          value={account}
          onChange={(name) => {
            forget()
            onAccount(name)
          }}
          description={accountHint}
        />
      </Group>
    </>
  )
}
