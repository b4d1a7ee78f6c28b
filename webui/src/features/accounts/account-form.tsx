import { Checkbox, PasswordInput, Select, Text, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { FormModal } from '@/ui/form-modal'
import { changeAccount, makeAccount, type Account } from './api'
import { draftOf, editOf, kindOf, kKinds, kNothing, missingIn, newAccountOf, type Draft, type Kind, type KindOfAccount } from './kinds'

interface Props {
  /** What is edited; null for a new one. */
  account: Account | null
  /** In which the group may use it; empty where there is none. */
  group: string
  onSaved: () => Promise<unknown>
  onClose: () => void
}

/** Makes an account or changes one. A secret goes one way only: what is kept is never shown. */
export function AccountForm({ account, group, onSaved, onClose }: Props) {
  const [kind, setKind] = useState<Kind>('git_token')
  const [draft, setDraft] = useState<Draft>(account ? draftOf(account) : kNothing)
  const [shared, setShared] = useState(false)
  const known = kindOf(account ? account.kind : kind)
  const edit = account ? editOf(account, draft) : null
  const missing = missingIn(known, draft, account === null)
  const save = async () => {
    await (account && edit ? changeAccount(account.id, edit) : makeAccount(newAccountOf(known, draft, shared)))
    await onSaved()
  }
  return (
    <FormModal opened title={account ? `Change ${account.name}` : 'Keep an account'} button={account ? 'Save' : 'Keep it'} disabled={missing !== null || (edit !== null && Object.keys(edit).length === 0)} onSubmit={save} onClose={onClose}>
      {account === null && (
        <Select
          label="Kind"
          description={known.about}
          allowDeselect={false}
          value={kind}
          data={kKinds.map((each) => ({ value: each.kind, label: each.label }))}
          onChange={(value) => setKind(kindOf(value ?? 'git_token').kind)}
        />
      )}
      <Fields kind={known} draft={draft} isNew={account === null} onChange={setDraft} />
      {account === null && group !== '' && <Checkbox label={`People of ${group} may use it too`} checked={shared} onChange={(event) => setShared(event.currentTarget.checked)} />}
      <Text c="dimmed" size="xs">
        It is sealed on the server and handed only to jobs whose sources or images name it. Nobody can read it here again.
      </Text>
    </FormModal>
  )
}

function Fields({ kind, draft, isNew, onChange }: { kind: KindOfAccount; draft: Draft; isNew: boolean; onChange: (draft: Draft) => void }) {
  const put = (field: keyof Draft) => (event: { currentTarget: { value: string } }) => onChange({ ...draft, [field]: event.currentTarget.value })
  const secret = {
    label: isNew ? kind.secret.label : `New ${kind.secret.label.toLowerCase()}`,
    placeholder: isNew ? '' : 'left as it is',
    required: isNew,
    value: draft.secret,
    autoComplete: 'off',
    onChange: put('secret'),
  }
  return (
    <>
      <TextInput label="Name" description="Sources name it by this." required maxLength={255} value={draft.name} onChange={put('name')} data-autofocus />
      <TextInput label={kind.server.label} placeholder={kind.server.placeholder} required={kind.server.required} value={draft.server} onChange={put('server')} />
      {kind.user && <TextInput label={kind.user.label} placeholder={kind.user.placeholder} required={kind.user.required} autoComplete="off" value={draft.user} onChange={put('user')} />}
      {kind.secret.lines ? <Textarea {...secret} rows={5} spellCheck={false} className="mono" /> : <PasswordInput {...secret} size="xs" autoComplete="new-password" />}
      {kind.knowsHosts && (
        <Textarea label="Known hosts" description="Lines of ssh-keyscan. Without them, what a host shows at first is remembered." rows={2} spellCheck={false} value={draft.knownHosts} onChange={put('knownHosts')} />
      )}
    </>
  )
}
